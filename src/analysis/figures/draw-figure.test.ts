import { Window } from 'happy-dom';
import { expect, test } from 'vitest';
import { MINUTE } from '../../kit/time.ts';
import { drawFigure } from './draw-figure.ts';
import type { Figure } from './figure.ts';

const ecdf: Figure = {
  kind: 'ecdf',
  valueKind: 'duration_us',
  xTitle: 'Time from first to last packet of a flow',
  unit: 'flows',
  axis: 'logarithmic',
  series: [
    { name: 'chat', n: 4, values: [0, 2e6, 180e6], upTo: [1, 2, 4] },
    { name: 'image', n: 1000, values: [300e3, 900e3, 4e6], upTo: [10, 900, 1000] },
  ],
};
const bars: Figure = {
  kind: 'bars',
  valueKind: 'bytes',
  xTitle: 'IP bytes',
  parts: ['up', 'down'],
  bars: [
    { name: 'video', values: [1e6, 9e6] },
    { name: 'a name that is far too long to stand beside a bar', values: [5e5, 0] },
  ],
};
const steps: Figure = {
  kind: 'steps',
  valueKind: 'count',
  yTitle: 'Active addresses in 1 min',
  timezone: 'Europe/Vienna',
  originUs: Date.UTC(2014, 1, 22, 22, 30) * 1000,
  widthUs: 10 * MINUTE,
  series: [
    { name: 'all classes', values: [2, 2, 3, null, null, 1, 0, 2] },
    { name: 'chat', values: [1, 2, 2, null, null, 1, 0, 1] },
  ],
};
const label = { id: 'example', title: 'An example', description: 'Half of it is 5.' };

test.each([
  ['ecdf', ecdf],
  ['bars', bars],
  ['steps', steps],
] as const)('%s is drawn as before', async (name, figure) => {
  const svg = drawFigure(figure, label);
  expect(drawFigure(figure, label)).toBe(svg);
  await expect(`${svg}\n`).toMatchFileSnapshot(`./__snapshots__/${name}.svg`);
});

const parse = (svg: string) => {
  const { document } = new Window();
  document.body.innerHTML = svg;
  return document.querySelector('svg')!;
};

test('a figure is an image with a title and a description', () => {
  const svg = parse(drawFigure(ecdf, label));
  expect(svg.getAttribute('role')).toBe('img');
  const named = svg.getAttribute('aria-labelledby')!.split(' ');
  expect(named.map((id) => svg.querySelector(`#${id}`)?.textContent)).toEqual(['An example', 'Half of it is 5.']);
});

test('a strict policy lets it through: no style, no script, no reference to elsewhere', () => {
  for (const figure of [ecdf, bars, steps]) {
    const text = drawFigure(figure, label);
    expect(text).not.toMatch(/<style|<script|style="|href=|https?:(?!\/\/www\.w3\.org\/2000\/svg")/);
  }
});

test('text from outside stays text', () => {
  const hostile = '</text><script>alert(1)</script>&"\u0000';
  const figure: Figure = { ...bars, parts: [hostile, 'down'], bars: [{ name: hostile, values: [1, 2] }] };
  const text = drawFigure(figure, { ...label, title: hostile, description: hostile });
  expect(text).not.toContain('<script');
  expect(text).not.toContain('\u0000');
  expect(parse(text).querySelector('title')!.textContent).toBe('</text><script>alert(1)</script>&"\\u0000');
});

test('every line differs by its dashes, and every part by its hatching, not by colour alone', () => {
  const values = [1, 2];
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const lines = parse(
    drawFigure({ ...ecdf, series: names.map((name) => ({ name, n: 2, values, upTo: values })) }, label),
  );
  const dashes = [...lines.querySelectorAll('.legend path')].map((path) => path.getAttribute('stroke-dasharray'));
  expect(new Set(dashes).size).toBe(8);
  const parts = parse(drawFigure({ ...bars, parts: names, bars: [{ name: 'x', values: names.map(() => 1) }] }, label));
  const hatchings = [...parts.querySelectorAll('pattern path')].map((path) => path.getAttribute('d'));
  expect(new Set(hatchings).size).toBe(8);
});

test('figures without extent are drawn all the same', () => {
  const empty: readonly Figure[] = [
    { ...ecdf, series: [{ name: 'one', n: 1, values: [0], upTo: [1] }] },
    { ...ecdf, series: [] },
    { ...bars, bars: [{ name: 'none', values: [0, 0] }] },
    { ...bars, parts: [], bars: [] },
    { ...steps, series: [{ name: 'none', values: [null] }] },
    { ...steps, series: [] },
  ];
  for (const figure of empty) expect(drawFigure(figure, label)).not.toMatch(/NaN|undefined|Infinity/);
});
