import { expect, test } from 'vitest';
import { toTerminalTable } from './terminal-table.ts';

const name = { title: 'Name', alignRight: false };
const flows = { title: 'Flows', alignRight: true };

test('texts stand left, numbers right', () => {
  expect(
    toTerminalTable(
      [name, flows],
      [
        ['chat', '7'],
        ['image', '1,234'],
      ],
      80,
    ),
  ).toBe(['Name   Flows', '-----  -----', 'chat       7', 'image  1,234'].join('\n'));
});

test('a long text is cut, a number is not', () => {
  const table = toTerminalTable([name, flows], [['a-very-long-name.cdn.whatsapp.net', '123,456']], 30);
  expect(table.split('\n')[2]).toBe('a-very-long-name.cdn\u2026  123,456');
});

test('columns that do not fit follow below, led by the first', () => {
  const columns = [name, ...Array.from({ length: 4 }, (_, i) => ({ title: `Column${i}`, alignRight: true }))];
  expect(toTerminalTable(columns, [['chat', '1', '2', '3', '4']], 24).split('\n')).toEqual([
    'Name  Column0  Column1',
    '----  -------  -------',
    'chat        1        2',
    '',
    'Name  Column2  Column3',
    '----  -------  -------',
    'chat        3        4',
  ]);
});

test('control characters of captured names do not reach the terminal', () => {
  for (const steer of ['\u001b', '\u202e']) {
    expect(toTerminalTable([name], [[`evil${steer}[2J`]], 80)).not.toContain(steer);
  }
});
