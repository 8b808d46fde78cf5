/** Damaged captures by number: any of them can be made again from the seed alone. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { listInputs } from '../src/capture/list-inputs.ts';
import { readCapture } from '../src/capture/read-capture.ts';
import { SondeError } from '../src/kit/errors.ts';
import { Random } from '../src/kit/random.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { importAndCheck } from './account.ts';
import { encapsulations } from './encapsulations.ts';
import { mutateFile } from './file-mutations.ts';
import { type Capture, mutate, type Packet } from './mutations.ts';
import { sharedData } from './needs.ts';

/** Of a capture that is damaged as packets; a longer one would take longer and tell no more. */
const MAX_PACKETS = 80;
/** Of a capture that is damaged as a file. */
const MAX_FILE_BYTES = 50_000;

export interface Seeds {
  readonly captures: readonly Capture[];
  readonly files: readonly { readonly name: string; readonly bytes: Uint8Array }[];
}

export const isNoCapture = (error: unknown): boolean =>
  error instanceof SondeError && error.code === 'SONDE_FORMAT_UNKNOWN';

/** The first packets of a capture, as long as they are of one link type; undefined if it has none. */
const packetsOf = async (path: string): Promise<Capture | undefined> => {
  const packets: Packet[] = [];
  let linkType = 0;
  const frame = (bytes: Uint8Array, start: number, captured: number, original: number, at: number, link: number) => {
    if (packets.length === 0) linkType = link;
    if (packets.length < MAX_PACKETS && link === linkType)
      packets.push({ at, bytes: bytes.slice(start, start + captured), original });
  };
  await readCapture(path, { frame }).catch((error: unknown) => {
    if (!isNoCapture(error)) throw error;
  });
  return packets.length > 0 ? { name: basename(path), linkType, packets } : undefined;
};

/** Pieces of the planted scene that follow each other, each on another link or in another tunnel. */
const plantedCaptures = (): Capture[] => {
  const frames = plantedWhatsApp({ seed: 7, clients: 3, hours: 1 }).frames[Symbol.iterator]();
  return encapsulations.map(({ name, linkType, wrap }) => {
    const packets = Array.from({ length: MAX_PACKETS }, () => {
      const { at, bytes, length } = wrap(frames.next().value);
      return { at, bytes, original: length };
    });
    return { name: `planted, ${name}`, linkType, packets };
  });
};

/** Every capture of the test data, and planted ones. */
export const loadSeeds = async (): Promise<Seeds> => {
  const captures: Capture[] = plantedCaptures();
  const files: { name: string; bytes: Uint8Array }[] = [];
  for (const { path } of await listInputs([sharedData('captures'), sharedData('robustness')])) {
    const capture = await packetsOf(path);
    if (capture !== undefined) captures.push(capture);
    const bytes = readFileSync(path);
    if (bytes.length <= MAX_FILE_BYTES) files.push({ name: basename(path), bytes });
  }
  return { captures, files };
};

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/**
 * Imports the damaged captures of one step, as a stream in which each continues the one before, and checks the account.
 *
 * @returns what came of them; where: the step in words, for the message of a failure
 */
export const importDamaged = async ({ captures, files }: Seeds, seed: number, step: number) => {
  const random = new Random(seed).fork(step);
  const names: string[] = [];
  const take = <T extends { readonly name: string }>(list: readonly T[]): T => {
    const taken = random.pick(list);
    names.push(taken.name);
    return taken;
  };
  const asFiles = random.chance(0.5);
  const chosen = [0, 1].map(() => (asFiles ? undefined : take(captures)));
  const strangers = chosen.flatMap((capture) => capture?.packets ?? []);
  const inputs = chosen.map((capture) =>
    capture === undefined
      ? mutateFile(take(files).bytes, random, take(files).bytes)
      : mutate(capture, random, strangers),
  );
  const options = {
    maxFlows: random.pick([1 << 20, 64, 3]),
    epochSize: random.pick([1 << 20, 1]),
    tcpIdleUs: random.pick([1800e6, 1e6]),
  };
  const where = `seed ${seed}, step ${step}: ${names.join(', ')}`;
  try {
    const summary = await importAndCheck(inputs.map(whole), where, options);
    return { where, state: summary.state, malformed: summary.malformed } as const;
  } catch (error) {
    if (isNoCapture(error)) return { where, state: 'unknown', malformed: 0 } as const;
    if (error instanceof Error && !error.message.startsWith(where)) error.message = `${where}: ${error.message}`;
    throw error;
  }
};
