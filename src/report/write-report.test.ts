import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasProgram } from '../../test/needs.ts';
import { plantStore } from '../../test/planted-store.ts';
import { hostileName, plantTraffic } from '../../test/planted-traffic.ts';
import { formatValue } from '../analysis/format.ts';
import { writeReport } from './write-report.ts';

let folder: string;
let store: Awaited<ReturnType<typeof plantStore>>;
let written: Awaited<ReturnType<typeof writeReport>>;
let page: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-report-'));
  store = await plantStore(plantTraffic(7));
  written = await writeReport({
    folder: join(folder, 'new', 'report'),
    query: store.query,
    scope: { service: 'whatsapp', timezone: 'UTC' },
  });
  page = await readFile(written.path, 'utf8');
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

test('the page has every card in order, and nothing lies beside it', async () => {
  expect(await readdir(join(folder, 'new', 'report'))).toEqual(['index.html']);
  const places = written.sections.flatMap(({ cards }) =>
    cards.map(({ id }) => page.indexOf(` id="${id.replace('.', '-')}"`)),
  );
  expect(places.length).toBeGreaterThan(10);
  expect(places.every((place, i) => place > (places[i - 1] ?? 0))).toBe(true);
});

test('the same data give the same bytes', async () => {
  const again = await writeReport({ folder, query: store.query, scope: { service: 'whatsapp', timezone: 'UTC' } });
  expect(await readFile(again.path, 'utf8')).toBe(page);
});

test('it says what was imported, lost and not decoded, and that it speaks of that alone', () => {
  expect(page).toContain('<p>These figures describe the data imported here, as seen from where they were measured.');
  expect(page).toMatch(
    /evening\.pcap.*capture.*gw1.*2014-02-22 19:00:00 UTC.*2014-02-22 22:00:00 UTC.*90,000.*>21<.*>3</,
  );
});

test('names from outside are text, never markup', () => {
  const printed = formatValue('text', hostileName);
  expect(page).toContain(
    printed
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replace('"', '&quot;')
      .replace("'", '&#39;'),
  );
  expect(page).not.toContain('<script');
  expect(page).not.toContain('\u001b');
});

test('a hostile service name is text too', async () => {
  const { path } = await writeReport({
    folder,
    query: store.query,
    scope: { service: '"><script>alert(1)</script>', timezone: 'UTC' },
  });
  expect(await readFile(path, 'utf8')).not.toContain('<script');
});

test('a folder that cannot be is told by its path', async () => {
  const file = join(folder, 'file');
  await writeFile(file, '');
  const scope = { service: 'whatsapp', timezone: 'UTC' };
  await expect(writeReport({ folder: file, query: store.query, scope })).rejects.toMatchObject({
    code: 'SONDE_OUTPUT_UNWRITABLE',
    fields: { file: join(file, 'index.html') },
  });
});

describe.skipIf(!hasProgram('chromium'))('in a browser', () => {
  let browser: Browser;
  let profile: string;
  beforeAll(async () => {
    profile = await mkdtemp(join(tmpdir(), 'sonde-profile-'));
    browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      env: { ...process.env, HOME: profile },
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
  });
  afterAll(async () => {
    await browser.close();
    await rm(profile, { recursive: true, force: true });
  });

  test.each([800, 320])(
    'at %i pixels nothing scrolls sideways, no labels overlap, nothing is asked of a network',
    async (width) => {
      const tab = await browser.newPage({ viewport: { width, height: 900 } });
      const requests: string[] = [];
      const complaints: string[] = [];
      tab.on('request', (request) => requests.push(request.url()));
      tab.on('console', (message) => complaints.push(message.text()));
      await tab.goto(`file://${written.path}`);
      expect(await tab.evaluate('document.documentElement.scrollWidth')).toBe(width);
      const { labels, overlaps } = (await tab.evaluate(`(() => {
      const overlaps = [];
      let labels = 0;
      for (const svg of document.querySelectorAll('svg')) {
        const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent !== '');
        labels += texts.length;
        const boxes = texts.map((text) => text.getBoundingClientRect());
        boxes.forEach((a, i) => boxes.slice(i + 1).forEach((b, j) => {
          const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (wide > 0 && high > 1) overlaps.push(texts[i].textContent + ' | ' + texts[i + 1 + j].textContent);
        }));
        const frame = svg.getBoundingClientRect();
        boxes.forEach((box, i) => {
          if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1)
            overlaps.push('outside: ' + texts[i].textContent);
        });
      }
      return { labels, overlaps };
    })()`)) as { labels: number; overlaps: string[] };
      expect(labels).toBeGreaterThan(50);
      expect(overlaps).toEqual([]);
      expect(requests).toEqual([`file://${written.path}`]);
      expect(complaints).toEqual([]);
      await tab.close();
    },
  );
});
