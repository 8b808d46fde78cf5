/** The style of a report: both themes, narrow screens and paper; no font, image or script from anywhere. */

/** Series colours after Okabe and Ito; the pale ones darker on white, the dark one lighter on black. */
export const style = `
:root {
  color-scheme: light dark;
  --ink: #1b1b1b; --soft: #595959; --paper: #fff; --card: #fff; --line: #d5d5d5; --accent: #00568a;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #008a63; --series-3: #b75f92;
  --series-4: #a87200; --series-5: #2785bd; --series-6: #6d6d6d; --series-7: #857c00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ink: #ececec; --soft: #b3b3b3; --paper: #141414; --card: #1d1d1d; --line: #3d3d3d; --accent: #7cc4f2;
    --series-0: #3c9fdc; --series-1: #f07a26; --series-2: #1fbf91; --series-3: #dd95bd;
    --series-4: #e69f00; --series-5: #56b4e9; --series-6: #a0a0a0; --series-7: #f0e442;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 840px; padding: 24px 20px 64px; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3em; }
h2 { font-size: 1.45rem; margin: 2.2em 0 .3em; padding-top: .4em; border-top: 2px solid var(--ink); }
h3 { font-size: 1.1rem; margin: 0 0 .2em; }
h4 { font-size: .9rem; margin: 1.2em 0 .3em; }
p { margin: .4em 0 .8em; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
nav ul { list-style: none; margin: 1em 0; padding: 0; display: flex; flex-wrap: wrap; gap: .3em 1.4em; }
.soft { color: var(--soft); }
.card { margin: 1.4em 0; padding: 18px 18px 10px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); }
.question { margin: 0; color: var(--soft); }
.finding { font-size: 1.08rem; font-weight: 600; margin: .5em 0 .9em; }
.hint { border-left: 4px solid var(--accent); padding-left: .8em; }
figure { margin: .8em 0; }
.scroll { overflow-x: auto; }
.scroll svg { display: block; width: 100%; min-width: 560px; height: auto; }
figcaption, .facts { font-size: .84rem; color: var(--soft); }
.facts { margin: .6em 0; padding-left: 1.2em; }
table { border-collapse: collapse; font-size: .84rem; font-variant-numeric: tabular-nums; }
th, td { padding: .28em .7em .28em 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); overflow-wrap: normal; }
td { white-space: nowrap; }
th { font-weight: 600; vertical-align: bottom; white-space: nowrap; }
th.number, td.number { text-align: right; }
td.long { min-width: 16em; max-width: 26em; white-space: normal; overflow-wrap: anywhere; }
details { margin: .5em 0; }
summary { cursor: pointer; font-size: .9rem; color: var(--accent); }
dt { font-weight: 600; }
dd { margin: 0 0 .3em 1.2em; font-size: .84rem; }
pre { overflow-x: auto; padding: .7em; border: 1px solid var(--line); border-radius: 4px; font-size: .78rem; line-height: 1.4; overflow-wrap: normal; }
@media (max-width: 480px) {
  body { padding: 14px 10px 40px; font-size: 15px; }
  .card { padding: 12px 10px 6px; }
}
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #333; --accent: #000; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .card { border: 0; border-top: 1px solid var(--line); border-radius: 0; padding: 10px 0; }
  figure, .finding, tr { break-inside: avoid; }
  h2, h3, h4, .question { break-after: avoid; }
  .scroll { overflow: visible; }
  .scroll svg { min-width: 0; }
  table { font-size: 8pt; }
  td { white-space: normal; }
  nav, dl, details.points, .reproduce pre + pre { display: none; }
  pre { white-space: pre-wrap; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
