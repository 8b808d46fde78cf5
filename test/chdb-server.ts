/** ClickHouse 26 behind its HTTP interface, in a process of its own: see chdb-server.cjs. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface ChdbServer {
  readonly port: number;
  /** Removed with it. */
  readonly folder: string;
  /** Sends a statement; resolves to what the server says. */
  ask(sql: string): Promise<string>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

const child = fileURLToPath(new URL('chdb-server.cjs', import.meta.url));

export const startChdb = async (): Promise<ChdbServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-chdb-'));
  const process = fork(child, [folder]);
  const [port] = (await once(process, 'message')) as [number];
  return {
    port,
    folder,
    ask: async (sql) => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: sql });
      const text = await response.text();
      if (!response.ok) throw new Error(text);
      return text;
    },
    stop: async () => {
      process.kill('SIGKILL');
      await once(process, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
};
