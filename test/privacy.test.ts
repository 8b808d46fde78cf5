/** No address of a subscriber reaches the disk, the terminal or a page, in any form; the same search finds them all where addresses are kept. */
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tables } from '../src/tickets/index.ts';
import { AddressSearch, type Finding, isLocal, isNobodys } from './address-search.ts';
import { makeSandbox, type Outcome, type Sandbox } from './command-line.ts';
import { hasSharedData, sharedData } from './needs.ts';
import { mentioned, writeMentions } from './planted-mentions.ts';
import { filesBelow, pagesOf, parquetRows } from './stored-bytes.ts';
