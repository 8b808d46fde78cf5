/** The testbed: a session with a tester gives the table of names and what they are for, and rules that can be used. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { plantSession, toActionFile } from './planted-session.ts';

interface Card {
  readonly method: string;
  readonly tables: readonly { readonly title: string; readonly rows: readonly Record<string, unknown>[] }[];
}

/** What the slides say the names are for. */
const deck = {
  'c{1 digit}.whatsapp.net': ['send message', 'chat', 'tcp 5222'],
  'd{1 digit}.whatsapp.net': ['send message', 'chat', 'tcp 5222'],
  'e{1-2 digits}.whatsapp.net': ['send message', 'chat', 'tcp 5222'],
  'mmi{3 digits}.whatsapp.net': ['send photo', 'image', 'tcp 443'],
  'mms{3 digits}.whatsapp.net': ['record audio', 'audio', 'tcp 443'],
  'mmv{3 digits}.whatsapp.net': ['send video', 'video', 'tcp 443'],
};

const tableOf = (card: Card): Record<string, unknown> => {
  const rowsOf = (wanted: string) => card.tables.find(({ title }) => title === wanted)!.rows;
  const ports = new Map(rowsOf('What they carry').map((row) => [row.template, row.ports]));
  return Object.fromEntries(
    rowsOf('What the names are for').map(({ template, action, class: name }) => [
      template,
      [action, name, ports.get(template)],
    ]),
  );
};

describe('a planted session of three hours', () => {
  let box: Sandbox;
  const lab = async (...args: string[]): Promise<Card> =>
    JSON.parse((await box.run(['lab', ...args, 'session.pcap', '-q', '--format', 'json'])).out)[0] as Card;

  beforeAll(() => {
    box = makeSandbox();
    const { actions, frames } = plantSession(1);
    writePcap(join(box.folder, 'session.pcap'), frames);
    writeFileSync(join(box.folder, 'actions.csv'), toActionFile(actions, 0));
    writeFileSync(join(box.folder, 'slow.csv'), toActionFile(actions, 37_000_000));
  });
  afterAll(() => box.remove());

  test('gives the table of the slides, and nothing of the pages that were open beside it', async () => {
    const card = await lab('actions.csv');
    expect(tableOf(card)).toEqual(deck);
    expect(card.method).toContain('the clocks agree');
  });

  test('a clock that is 37 s behind is found out', async () => {
    const card = await lab('slow.csv');
    expect(tableOf(card)).toEqual(deck);
    const [, moved] = /moved by (\S+) s/.exec(card.method)!;
    expect(Math.abs(Number(moved) - 37)).toBeLessThan(5);
  });

  test('with a wrong offset nothing is claimed of media', async () => {
    const found = Object.keys(tableOf(await lab('actions.csv', '--offset', '-1000')));
    expect(found.filter((template) => template.startsWith('mm'))).toEqual([]);
  });

  test('the draft is a rule file, which owns names that were not seen', async () => {
    await box.run(['lab', 'actions.csv', 'session.pcap', '-o', 'draft.yaml']);
    const text = readFileSync(join(box.folder, 'draft.yaml'), 'utf8');
    expect(text).toMatch(/^# Draft/);
    for (const [class_, pattern] of [
      ['image', String.raw`mmi\d{3}\.whatsapp\.net`],
      ['audio', String.raw`mms\d{3}\.whatsapp\.net`],
      ['video', String.raw`mmv\d{3}\.whatsapp\.net`],
    ])
      expect(text.replaceAll(/\s+/g, ' ')).toContain(`class: ${class_} regex: ${pattern}`);
    const command = ['services', 'test', 'mmi999.whatsapp.net', '--rules', 'draft.yaml', '--format', 'json'];
    const [first] = JSON.parse((await box.run(command)).out) as { verdict: string; class: string; rule: string }[];
    expect(first).toMatchObject({ verdict: 'decides', class: 'image', rule: expect.stringMatching(/^draft\.yaml:/) });
  });

  test('a file of actions that cannot be used is told with its line', async () => {
    writeFileSync(join(box.folder, 'bad.csv'), 'at,action\n2014-02-18T10:00:00Z,send photo\nnoon,send photo\n');
    const { code, err } = await box.sonde(['lab', 'bad.csv', 'session.pcap']);
    expect(code).not.toBe(0);
    expect(err).toContain('SONDE_ACTIONS_INVALID');
    expect(err).toContain("'noon' is no time");
  });
});
