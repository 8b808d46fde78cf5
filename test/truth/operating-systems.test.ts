/** Fingerprints of SYNs, and the systems taken from them, against p0f's reading of the same captures and against User-Agents. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCapture } from '../../src/capture/read-capture.ts';
import { osOfSyn } from '../../src/enrich/os/os-of-syn.ts';
import { anyOs, type OsSet, osSet, osText } from '../../src/enrich/os/os-set.ts';
import { parseUserAgent } from '../../src/enrich/os/user-agent.ts';
import { RECORD_WORDS, Word } from '../../src/probe/flow-record.ts';
import { hasProgram, hasSharedData, sharedData } from '../needs.ts';
import { RecordingProbe } from '../recording-probe.ts';
import { runP0f } from './p0f.ts';

const page = fileURLToPath(new URL('../../docs/25-operating-systems.md', import.meta.url));

const captures = hasSharedData
  ? readdirSync(sharedData('captures'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.pcap(ng)?$/.test(name))
      .sort()
  : [];

/** What a flow told of its client's system. */
interface Identity {
  /** `client port server port`. */
  readonly flow: string;
  readonly signature: string;
  agent: string;
}

class Identities extends RecordingProbe {
  readonly seen: Identity[] = [];
  readonly #open = new Map<number, Identity>();

  override identified(flow: number, kind: 'syn' | 'user-agent', text: number): void {
    const said = this.interner.text(text);
    if (kind === 'user-agent') {
      const identity = this.#open.get(flow);
      if (identity !== undefined) identity.agent = said;
      return;
    }
    const { flows, addresses } = this.probe;
    const ports = flows.words[flow * RECORD_WORDS + Word.PORTS]!;
    const client = addresses.text(flows.clientId(flow));
    const server = addresses.text(flows.serverId(flow));
    const identity = { flow: `${client} ${ports >>> 16} ${server} ${ports & 0xffff}`, signature: said, agent: '' };
    this.#open.set(flow, identity);
    this.seen.push(identity);
  }
}

const identitiesOf = async (path: string): Promise<readonly Identity[]> => {
  const probe = new Identities();
  await readCapture(path, probe.probe);
  return probe.seen;
};

/** p0f marks an acknowledgement number that should not be only if its lowest bit, in the order of the machine, is set. */
const signaturesThatDiffer: Readonly<Record<string, readonly string[]>> = {
  'ndpi/fuzz-2006-06-26-2594.pcap': ['192.168.1.2 2720 147.234.1.253 21', '147.234.1.170 43690 170.170.170.170 43690'],
};

/** User-Agents that another system sent than its SYN: a proxy, and a replayed attack. */
const agentsThatDiffer = ['arkime/http-xff.pcap'];

/** Which of our systems p0f's words stand for. */
const families: readonly (readonly [RegExp, OsSet])[] = [
  [/^Linux/, osSet('Android', 'Linux')],
  [/^Mac/, osSet('iOS', 'macOS')],
  [/^Windows/, osSet('Windows', 'Windows Phone')],
];

/** A table of counts, rows and columns in the order of their words. */
const toMarkdown = (rowTitle: string, cells: readonly (readonly [row: string, column: string])[]): string => {
  const columns = [...new Set(cells.map(([, column]) => column))].sort();
  const rows = [...new Set(cells.map(([row]) => row))].sort();
  const count = (row: string, column: string): number => cells.filter(([r, c]) => r === row && c === column).length;
  const line = (words: readonly (string | number)[]): string => `| ${words.map((word) => word || '').join(' | ')} |\n`;
  return [
    line([rowTitle, ...columns]),
    line(['---', ...columns.map(() => '--:')]),
    ...rows.map((row) => line([row, ...columns.map((column) => count(row, column))])),
  ].join('');
};

/** The table behind a marker in the page; `SONDE_WRITE_DOCS=1` puts what was measured there. */
const expectInPage = (marker: string, table: string): void => {
  const text = readFileSync(page, 'utf8');
  const start = text.indexOf(`<!-- ${marker} -->\n\n`);
  expect(start, marker).toBeGreaterThan(0);
  const from = start + `<!-- ${marker} -->\n\n`.length;
  const end = text.indexOf('\n\n', from);
  const until = end < 0 ? text.length : end + 1;
  if (process.env.SONDE_WRITE_DOCS === '1') writeFileSync(page, text.slice(0, from) + table + text.slice(until));
  else expect(text.slice(from, until)).toBe(table);
};

describe.skipIf(!hasSharedData || !hasProgram('p0f'))('against p0f, over all captures', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-p0f-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const pairs: { capture: string; flow: string; p0f: string; theirs: string; ours: readonly string[] }[] = [];

  beforeAll(async () => {
    for (const [i, capture] of captures.entries()) {
      const path = sharedData(`captures/${capture}`);
      const theirs = runP0f(path, mkdtempSync(join(folder, `${i}-`)));
      if (theirs.length === 0) continue;
      const ours = new Map<string, string[]>();
      for (const { flow, signature } of await identitiesOf(path)) {
        ours.set(flow, [...(ours.get(flow) ?? []), signature]);
      }
      for (const { flow, os, signature } of theirs) {
        pairs.push({ capture, flow, p0f: os, theirs: signature, ours: ours.get(flow) ?? [] });
      }
    }
  }, 300_000);

  test('the signature of every SYN is the same', () => {
    expect(pairs.length).toBeGreaterThan(2300);
    const differing: Record<string, string[]> = {};
    for (const { capture, flow, theirs, ours } of pairs) {
      if (ours.includes(theirs)) continue;
      differing[capture] ??= [];
      differing[capture].push(flow);
    }
    expect(differing).toEqual(signaturesThatDiffer);
  });

  test('where p0f knows the family the system is of it, and never left open', () => {
    const known = pairs.filter(({ p0f }) => p0f !== '' && p0f !== '???');
    expect(known.length).toBeGreaterThan(350);
    for (const { capture, p0f, theirs } of known) {
      const family = families.find(([words]) => words.test(p0f))?.[1] ?? 0;
      const systems = osOfSyn(theirs);
      expect([capture, p0f, osText(systems), systems & ~family]).toEqual([capture, p0f, osText(systems), 0]);
    }
  });

  test('the page shows this confusion table', () => {
    const cells = pairs.map(
      ({ p0f, theirs }) => [p0f || '(NMap SYN scan)', osText(osOfSyn(theirs))] as [string, string],
    );
    expectInPage('p0f against SYN', toMarkdown('p0f', cells));
  });
});

describe.skipIf(!hasSharedData)('against User-Agents, over all captures', () => {
  const pairs: { capture: string; syn: OsSet; agent: OsSet; flow: string }[] = [];

  beforeAll(async () => {
    for (const capture of captures) {
      for (const { flow, signature, agent } of await identitiesOf(sharedData(`captures/${capture}`))) {
        const systems = agent === '' ? anyOs : parseUserAgent(agent).systems;
        if (systems !== anyOs) pairs.push({ capture, flow, syn: osOfSyn(signature), agent: systems });
      }
    }
  }, 300_000);

  test('the systems that a SYN leaves open hold the one that the agent names', () => {
    expect(pairs.length).toBeGreaterThan(40);
    const contradicting = pairs.filter(({ syn, agent }) => (syn & agent) === 0).map(({ capture }) => capture);
    expect(contradicting).toEqual(agentsThatDiffer);
  });

  test('the page shows this confusion table', () => {
    const cells = pairs.map(({ syn, agent }) => [osText(agent), osText(syn)] as [string, string]);
    expectInPage('User-Agent against SYN', toMarkdown('User-Agent', cells));
  });
});
