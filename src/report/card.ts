/** A card as HTML: question, finding, figure with what it rests on, tables, method, and how to get it again. */
import type { Card, CardTable } from '../analysis/card.ts';
import { drawFigure } from '../analysis/figures/draw-figure.ts';
import { formatValue } from '../analysis/format.ts';
import { type Html, html, raw } from './html.ts';
import { renderTable } from './table.ts';

const renderFacts = ({ n, unit, exclusions, source }: Card): Html => {
  const left = exclusions.filter((each) => each.n > 0);
  return html`<ul class="facts">
<li>n = ${formatValue('count', n)} ${unit}</li>
${left.length === 0 ? html`<li>Left out: nothing</li>` : left.map((each) => html`<li>${each.reason}: ${formatValue('count', each.n)}</li>`)}
<li>${source}</li>
</ul>`;
};

const renderColumns = (tables: readonly CardTable[]): Html => {
  const docs = new Map(
    tables.flatMap(({ columns }) => columns.map(({ title, doc }) => [`${title}: ${doc}`, { title, doc }])),
  );
  return html`<dl>${[...docs.values()].map(({ title, doc }) => html`<dt>${title}</dt><dd>${doc}</dd>`)}</dl>`;
};

export const renderCard = (card: Card, timezone: string): Html => {
  const id = card.id.replaceAll('.', '-');
  const { title, finding, figure } = card;
  return html`<article class="card" id="${id}" aria-labelledby="${id}-heading">
<h3 id="${id}-heading">${title}</h3>
<p class="question">${card.question}</p>
<p class="finding">${finding}</p>
${card.hint === undefined ? '' : html`<p class="hint">${card.hint}</p>`}
${
  figure === undefined
    ? renderFacts(card)
    : html`<figure><div class="scroll" tabindex="0" role="region" aria-label="Figure: ${title}">${raw(drawFigure(figure, { id: `${id}-figure`, title, description: finding }))}</div><figcaption>${renderFacts(card)}</figcaption></figure>`
}
${card.tables.map((table) => renderTable(table, timezone))}
<details><summary>Method and columns</summary><p>${card.method}</p>${renderColumns(card.tables)}</details>
<details class="reproduce"><summary>Reproduce</summary><pre>${card.reproduce.command}</pre>${card.reproduce.sql.map(
    ({ text }) => html`<pre>${text}</pre>`,
  )}</details>
</article>
`;
};
