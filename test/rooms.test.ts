/** The rooms of `src/` import only what the design allows, and the rules that say so bite. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Cruise {
  readonly modules: readonly { readonly source: string }[];
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

/** Cruises `folder/src` by the rules of this project. */
const cruise = (folder: string): Cruise => {
  const cruiser = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const config = join(root, '.dependency-cruiser.cjs');
  const { stdout, stderr } = spawnSync(process.execPath, [cruiser, '--config', config, '-T', 'json', 'src'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
};

/** Cruises a made-up tree: each entry is a file of `src` and what it imports from `src`; the answer is file -> rules broken. */
const cruiseTree = (tree: Readonly<Record<string, readonly string[]>>): Record<string, string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-rooms-'));
  try {
    for (const [file, imports] of Object.entries(tree)) {
      const path = join(folder, 'src', file);
      mkdirSync(dirname(path), { recursive: true });
      const lines = imports.map((each, i) => {
        const target = relative(dirname(file), each);
        return `import { x as x${i} } from '${target.startsWith('.') ? target : `./${target}`}';`;
      });
      writeFileSync(path, [...lines, 'export const x = 1;'].join('\n'));
    }
    const broken: Record<string, string[]> = {};
    for (const { from, rule } of cruise(folder).summary.violations) {
      const file = relative('src', from);
      broken[file] = [...(broken[file] ?? []), rule.name].sort();
    }
    return broken;
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test('every file of src is cruised, and no rule is broken', () => {
  const { modules, summary } = cruise(root);
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const cruised = new Set(modules.map(({ source }) => source));
  expect(files.length).toBeGreaterThan(10);
  expect(files.filter((file) => !cruised.has(`src/${file}`))).toEqual([]);
  expect(summary.violations).toEqual([]);
});

// One import a room that its rule must refuse.
const forbidden: Readonly<Record<string, string>> = {
  kit: 'tickets',
  tickets: 'packet',
  packet: 'tickets',
  capture: 'probe',
  probe: 'naming',
  imports: 'pipeline',
  naming: 'catalog',
  catalog: 'enrich',
  enrich: 'capture',
  privacy: 'naming',
  pipeline: 'store',
  store: 'pipeline',
  jobs: 'analysis',
  analysis: 'store',
  active: 'analysis',
  social: 'active',
  qoe: 'server',
  synth: 'probe',
  web: 'server',
  report: 'server',
  server: 'report',
  cli: 'web',
};

test('each room has a rule that refuses a forbidden import', () => {
  const rules: readonly { name: string }[] = createRequire(import.meta.url)('../.dependency-cruiser.cjs').forbidden;
  const rooms = rules.map(({ name }) => name).filter((name) => name.endsWith('-imports'));
  expect(
    Object.keys(forbidden)
      .map((room) => `${room}-imports`)
      .sort(),
  ).toEqual(rooms.sort());

  const tree: Record<string, readonly string[]> = {};
  const expected: Record<string, readonly string[]> = {};
  for (const [room, target] of Object.entries(forbidden)) {
    tree[`${room}/target.ts`] = [];
    tree[`${room}/importer.ts`] = [`${target}/target.ts`];
    expected[`${room}/importer.ts`] = [`${room}-imports`];
  }
  expect(cruiseTree(tree)).toEqual(expected);
});

test('allowed imports, and those of tests, pass', () => {
  const tree = {
    'kit/a.ts': [],
    'tickets/a.ts': ['kit/a.ts'],
    'packet/a.ts': ['kit/a.ts'],
    'probe/b.ts': [],
    'probe/a.ts': ['probe/b.ts', 'packet/a.ts', 'tickets/a.ts'],
    'naming/a.ts': ['tickets/a.ts'],
    'pipeline/a.ts': ['probe/a.ts', 'naming/a.ts'],
    'store/a.ts': ['tickets/a.ts'],
    'server/a.ts': ['store/a.ts'],
    'cli/a.ts': ['pipeline/a.ts', 'server/a.ts'],
    'kit/a.test.ts': ['kit/a.ts', 'cli/a.ts'],
  };
  expect(cruiseTree(tree)).toEqual({});
});

test('circles fail, in a room, through a room, and in a test', () => {
  const tree = {
    'kit/a.ts': ['kit/b.ts'],
    'kit/b.ts': ['kit/c.ts'],
    'kit/c.ts': ['kit/a.ts'],
    'store/a.test.ts': ['store/b.test.ts'],
    'store/b.test.ts': ['store/a.test.ts'],
  };
  expect(new Set(Object.values(cruiseTree(tree)).flat())).toEqual(new Set(['no-circles']));
});

test('a file outside of the known rooms, and an import that leads nowhere, fail', () => {
  expect(cruiseTree({ 'kit/a.ts': [], 'attic/a.ts': ['kit/a.ts'], 'kit/b.ts': ['kit/gone.ts'] })).toEqual({
    'attic/a.ts': ['unknown-room'],
    'kit/b.ts': ['not-found'],
  });
});
