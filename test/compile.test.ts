/** The compiler writes numbers where the source names a constant, and changes nothing else. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const compiler = fileURLToPath(new URL('../scripts/compile.mjs', import.meta.url));

/** Compiles modules; the answer is the text of `main.js` without its import and its source map, and what the compiler said. */
const compile = (modules: Readonly<Record<string, string>>): { main: string; stderr: string } => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-compile-'));
  try {
    const compilerOptions = { target: 'ES2023', module: 'nodenext', strict: true, types: [], outDir: 'out' };
    const config = { compilerOptions: { ...compilerOptions, rewriteRelativeImportExtensions: true }, include: ['.'] };
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    for (const [name, text] of Object.entries(modules)) writeFileSync(join(folder, name), text);
    const { status, stderr } = spawnSync(process.execPath, [compiler, join(folder, 'tsconfig.json')], {
      encoding: 'utf8',
    });
    const main = status === 0 ? readFileSync(join(folder, 'out/main.js'), 'utf8') : '';
    return { main: main.replace(/^import .*\n/gm, '').trim(), stderr };
  } finally {
    rmSync(folder, { recursive: true });
  }
};

const layout = `
  export const SHIFT = 24;
  export const RECORD = 80;
  export const HALF = RECORD / 2;
  export const Bit = { V6: 1, TCP: 1 << 2, BOTH: (1 << 2) | 1 } as const;
  export const NONE = -1;
  export const Changing = { x: 1 };
  export const now = Date.now();
  export const text: string = 'text';
`;

test('constants become numbers where their value is read, and nothing else changes', () => {
  const names = 'SHIFT, RECORD, HALF, Bit, NONE, Changing, now, text';
  const main = `import { ${names} } from './layout.ts';
// Literal or computed, of a module or of an object.
export const numbers = (flow: number) => flow * RECORD + HALF + Bit.V6 + (flow & Bit.BOTH) + (Bit.TCP << SHIFT) - NONE;
// What may change, is no number, or is handed on as a whole.
export const others = () => [Changing.x + now, text, Bit, { RECORD }, Bit[text as keyof typeof Bit]];
// Names of parameters and of members.
export const names = (SHIFT: number, HALF: number) => ({ RECORD: HALF, Bit: SHIFT }).RECORD;`;
  expect(compile({ 'layout.ts': layout, 'main.ts': main }).main).toBe(
    `// Literal or computed, of a module or of an object.
export const numbers = (flow) => flow * 80 + 40 + 1 + (flow & 5) + (4 << 24) - (-1);
// What may change, is no number, or is handed on as a whole.
export const others = () => [Changing.x + now, text, Bit, { RECORD }, Bit[text]];
// Names of parameters and of members.
export const names = (SHIFT, HALF) => ({ RECORD: HALF, Bit: SHIFT }).RECORD;`,
  );
});

test('an error of types is told with its place, and nothing is written', () => {
  const { main, stderr } = compile({ 'main.ts': 'export const port: number = "x";' });
  expect(main).toBe('');
  expect(stderr).toMatch(/main\.ts\(1,14\): error TS2322/);
});
