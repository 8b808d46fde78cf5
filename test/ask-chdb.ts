/** Questions to ClickHouse, in a process of its own: it would take signal handlers over. */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const child = fileURLToPath(new URL('chdb-child.cjs', import.meta.url));

/**
 * The rows of each query.
 *
 * @param folder its own: ClickHouse reads files below it only
 */
export const askChdb = (folder: string, queries: readonly string[]): readonly (readonly unknown[])[] =>
  JSON.parse(
    execFileSync(process.execPath, [child, JSON.stringify(queries)], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, TZ: 'UTC' },
      maxBuffer: 2 ** 26,
    }),
  );
