import { expect, test } from 'vitest';
import { html, raw } from './html.ts';

test('what is put into a template is text, in content and in attributes', () => {
  const hostile = `<img src=x onerror="alert('1')">&`;
  expect(html`<p title="${hostile}">${hostile}</p>`.html).toBe(
    '<p title="&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;">&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;</p>',
  );
});

test('templates nest, alone and in lists, and are not escaped twice', () => {
  const item = (text: string) => html`<li>${text}</li>`;
  expect(html`<ul>${['a', '<'].map(item)}</ul>${item('b')}${7}${raw('<hr>')}`.html).toBe(
    '<ul><li>a</li><li>&lt;</li></ul><li>b</li>7<hr>',
  );
});
