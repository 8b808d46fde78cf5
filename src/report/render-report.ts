/** A report as one page that needs nothing else: no script, no request, every figure inside. */
import { createHash } from 'node:crypto';
import type { Analysis } from '../analysis/analysis.ts';
import type { Card, CardTable } from '../analysis/card.ts';
import { formatValue } from '../analysis/format.ts';
import { renderCard } from './card.ts';
import { html, raw } from './html.ts';
import { style } from './style.ts';
import { renderTable } from './table.ts';

export interface ReportSection {
  readonly analysis: Analysis;
  readonly cards: readonly Card[];
}

export interface ReportContent {
  /** Name of the service. */
  readonly service: string;
  /** IANA name; times are printed in it. */
  readonly timezone: string;
  readonly imports: CardTable;
  readonly sections: readonly ReportSection[];
}

/** The page as text. The same content gives the same bytes. */
export const renderReport = ({ service, timezone, imports, sections }: ReportContent): string => {
  const styleHash = createHash('sha256').update(style).digest('base64');
  const name = formatValue('text', service);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${name}: what was measured</title>
<style>${raw(style)}</style>
</head>
<body>
<header>
<h1>${name}</h1>
<p>These figures describe the data imported here, as seen from where they were measured. They do not describe ${name} in general.</p>
<nav aria-label="Sections"><ul>${sections.map(({ analysis }) => html`<li><a href="#${analysis.name}">${analysis.title}</a></li>`)}</ul></nav>
${
  imports.rows.length === 0
    ? html`<p class="hint">Nothing was imported yet: sonde import PATH</p>`
    : renderTable(imports, timezone)
}
</header>
<main>
${sections.map(
  ({ analysis, cards }) => html`<section id="${analysis.name}" aria-labelledby="${analysis.name}-heading">
<h2 id="${analysis.name}-heading">${analysis.title}</h2>
<p class="soft">${analysis.question}</p>
${cards.map((card) => renderCard(card, timezone))}</section>
`,
)}</main>
<footer class="soft"><p>Autonomous systems by RouteViews, NRO and <a href="https://db-ip.com/">DB-IP</a> (CC BY 4.0), countries by NRO.</p></footer>
</body>
</html>
`.html;
};
