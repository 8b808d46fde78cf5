/** Blocks on the disk until a server has acknowledged them: a folder an attempt, a file a block. */
import { randomBytes } from 'node:crypto';
import { open, readdir, readFile, rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, sync, systemCode } from '../delta/write-once.ts';
import { writeFailed } from '../store-errors.ts';
import type { EncodedBlock } from './native-block.ts';

/** What is to be known of a block to send it. */
export interface BlockHead {
  /** From 0 on; of the block of `imports`, which ends the attempt, the greatest. */
  readonly number: number;
  readonly table: string;
  /** Index of the shard. */
  readonly shard: number;
  readonly columns: readonly string[];
  readonly rows: number;
  /** Of the last block: the rows that the attempt has in each of the other tables. */
  readonly totals?: Readonly<Record<string, number>>;
}

/** A block in the spool. */
export interface SpooledBlock extends BlockHead {
  readonly path: string;
}

/** An attempt that a process left. */
export interface LeftAttempt {
  readonly id: string;
  readonly folder: string;
  /** In the order of their numbers. */
  readonly blocks: readonly SpooledBlock[];
  /** The block that makes the rows visible. */
  readonly last: SpooledBlock;
}

const blockName = (number: number, isLast: boolean): string =>
  `${String(number).padStart(9, '0')}.${isLast ? 'last' : 'block'}`;

/** Ids ascend with the time at which they were given, so that the first of two attempts is the lesser one. */
const newAttempt = (): string => `${Date.now().toString(16).padStart(12, '0')}${randomBytes(6).toString('hex')}`;

/** When an attempt began, by the clock of who wrote it, milliseconds since 1970. */
export const attemptBegan = (id: string): number => Number.parseInt(id.slice(0, 12), 16);

/** Attempts of this process. */
const own = new Set<string>();

const isRunning = (id: string, pid: number): boolean => {
  if (pid === process.pid) return own.has(id);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
};

const headOf = async (path: string): Promise<SpooledBlock> => {
  const file = await open(path, 'r');
  try {
    for await (const line of file.readLines({ autoClose: false })) return { ...(JSON.parse(line) as BlockHead), path };
  } finally {
    await file.close();
  }
  throw new Error(`${path} is empty`);
};

/** The data of a block in the spool. */
export const readBlock = async ({ path }: SpooledBlock): Promise<Uint8Array> => {
  const bytes = await readFile(path);
  return bytes.subarray(bytes.indexOf(0x0a) + 1);
};

/** The blocks of one attempt at an import. */
export class AttemptSpool {
  readonly id = newAttempt();
  readonly #folder: string;
  #isMade = false;
  #isComplete = false;

  /** @param spool folder of all attempts on one database */
  constructor(spool: string) {
    this.#folder = join(spool, `${this.id}.${process.pid}`);
    own.add(this.id);
  }

  /** Puts a block onto the disk. `isLast`: all others of the attempt are there. @throws SONDE_STORE_WRITE_FAILED */
  async put(head: Omit<BlockHead, 'columns' | 'rows'>, block: EncodedBlock, isLast: boolean): Promise<SpooledBlock> {
    const path = join(this.#folder, blockName(head.number, isLast));
    const { columns, rows, bytes } = block;
    const told: BlockHead = { ...head, columns, rows };
    try {
      if (!this.#isMade) await makeFolder(this.#folder);
      this.#isMade = true;
      const aside = `${path}.tmp`;
      const file = await open(aside, 'wx');
      try {
        await file.writeFile(`${JSON.stringify(told)}\n`);
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(aside, path);
      await sync(this.#folder);
      this.#isComplete ||= isLast;
    } catch (error) {
      throw writeFailed(error, { file: path });
    }
    return { ...told, path };
  }

  /** Ends it: blocks of a complete attempt stay for who comes next, all else is removed. */
  async leave(): Promise<void> {
    own.delete(this.id);
    if (this.#isComplete) await rmdir(this.#folder).catch(() => undefined);
    else await rm(this.#folder, { recursive: true, force: true });
  }
}

/** What processes left that do not run any more. Attempts without their last block are removed: nobody can end them. */
export const takeLeft = async (spool: string): Promise<readonly LeftAttempt[]> => {
  const left: LeftAttempt[] = [];
  for (const name of (await readdir(spool).catch(() => [])).sort()) {
    const [, id, pid] = /^([0-9a-f]{24})\.(\d+)$/.exec(name) ?? [];
    if (id === undefined || isRunning(id, Number(pid))) continue;
    const folder = join(spool, name);
    const files = (await readdir(folder)).filter((file) => /\.(block|last)$/.test(file)).sort();
    const blocks = await Promise.all(files.map((file) => headOf(join(folder, file))));
    const last = blocks.find(({ path }) => path.endsWith('.last'));
    if (last === undefined) await rm(folder, { recursive: true, force: true });
    else left.push({ id, folder, blocks: blocks.filter((block) => block !== last), last });
  }
  return left;
};

/** Takes an acknowledged block off the disk. */
export const forgetBlock = ({ path }: SpooledBlock): Promise<void> => rm(path, { force: true });
