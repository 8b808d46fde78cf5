/** DuckDB as the engine, never the store: an instance in memory with bounds, in UTC, that loads nothing from a network. */
import { randomUUID } from 'node:crypto';
import { availableParallelism, freemem, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

export interface EngineOptions {
  /** Memory of the engine in MiB; what does not fit is spilled to a temporary folder. */
  readonly memoryMb?: number;
  readonly threads?: number;
}

const defaultMemoryMb = (): number => Math.max(256, Math.min(4096, Math.floor(freemem() / 2 ** 21)));

/** Starts an engine. `closeSync` on it ends it and removes its temporary folder. */
export const startEngine = async (options: EngineOptions = {}): Promise<DuckDBInstance> => {
  const instance = await DuckDBInstance.create(':memory:', {
    memory_limit: `${options.memoryMb ?? defaultMemoryMb()}MiB`,
    threads: String(options.threads ?? availableParallelism()),
    temp_directory: join(tmpdir(), `sonde-engine-${randomUUID()}`),
    max_temp_directory_size: '32GiB',
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  connection.closeSync();
  return instance;
};

/**
 * Cuts an engine off from everything but these files, for good. Views over them must exist already.
 *
 * It is not enough for hostile SQL: COPY may still write to these files.
 */
export const lockEngine = async (connection: DuckDBConnection, files: readonly string[]): Promise<void> => {
  await connection.run(`SET allowed_paths = [${files.map(literal).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
};

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
