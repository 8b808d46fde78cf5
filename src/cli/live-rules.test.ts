import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LiveRules } from './live-rules.ts';

let folder: string;
let heard: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-live-rules-'));
  heard = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, service: string): void =>
  writeFileSync(
    join(folder, name),
    `service: ${service}\ntitle: T\nsources: {s: S}\nrules: [{class: chat, source: s, exact: chat.example}]`,
  );
const owner = (rules: LiveRules): string | undefined =>
  rules.renew(({ code }) => heard.push(code)).match('chat.example', 0)?.service;

test('a file that is edited, added or removed counts from the next look on', () => {
  write('mine.yaml', 'one');
  const rules = new LiveRules([folder]);
  expect(owner(rules)).toBe('one');
  write('mine.yaml', 'another');
  expect(owner(rules)).toBe('another');
  write('a.yaml', 'first');
  expect(owner(rules)).toBe('first');
  rmSync(join(folder, 'a.yaml'));
  expect(owner(rules)).toBe('another');
  expect(heard).toEqual([]);
});

test('files that are as they were are not read again', () => {
  write('mine.yaml', 'one');
  const rules = new LiveRules([folder]);
  const before = rules.catalog;
  expect(rules.renew(() => {})).toBe(before);
});

test('what is not in order is told once, and the rules before it stay until it is mended', () => {
  write('mine.yaml', 'one');
  const rules = new LiveRules([folder]);
  writeFileSync(join(folder, 'mine.yaml'), 'service: one\nrules: [');
  expect([owner(rules), owner(rules)]).toEqual(['one', 'one']);
  expect(heard).toEqual(['SONDE_RULES_INVALID']);
  write('mine.yaml', 'mended');
  expect(owner(rules)).toBe('mended');
  expect(heard).toHaveLength(1);
});

test('so is a file that is gone', () => {
  write('mine.yaml', 'one');
  const rules = new LiveRules([join(folder, 'mine.yaml')]);
  rmSync(join(folder, 'mine.yaml'));
  expect([owner(rules), owner(rules)]).toEqual(['one', 'one']);
  expect(heard).toEqual(['SONDE_INPUT_NOT_FOUND']);
});
