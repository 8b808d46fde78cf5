/** Writes the tables of `docs/40-data-dictionary.md`, below its mark, from the built code; what stands above is by hand. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { renderDictionary } from '../dist/tickets/dictionary.js';
import { runs, tables } from '../dist/tickets/index.js';
import { root } from './house.mjs';

const page = join(root, 'docs/40-data-dictionary.md');
const mark = '<!-- npm run docs writes what follows -->\n';

const [head] = readFileSync(page, 'utf8').split(mark);
writeFileSync(page, `${head}${mark}\n${renderDictionary([...tables, runs])}`);
