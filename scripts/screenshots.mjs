/** Takes the pictures of the manual, from the report of a fresh demo, with Debian's chromium: `node scripts/screenshots.mjs`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { root, runOrExit } from './house.mjs';

/** Picture by the card that it shows. */
const pictures = { 'traffic-sizes': 'report.png' };

const folder = mkdtempSync(join(tmpdir(), 'sonde-pictures-'));
try {
  process.env.HOME = folder;
  process.env.XDG_CONFIG_HOME = join(folder, 'config');
  runOrExit(process.execPath, [join(root, 'scripts/setup.mjs')]);
  runOrExit(process.execPath, [join(root, 'bin/sonde.js'), 'demo', '-o', folder]);
  const browser = await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  });
  const page = await browser.newPage({ viewport: { width: 840, height: 900 } });
  await page.goto(pathToFileURL(join(folder, 'report/index.html')).href);
  mkdirSync(join(root, 'docs/images'), { recursive: true });
  for (const [card, picture] of Object.entries(pictures))
    await page.locator(`#${card}`).screenshot({ path: join(root, 'docs/images', picture) });
  await browser.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
