import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { between, end } from '../../test/recording-probe.ts';
import { type Row, rowsOf, testOptions } from '../../test/rows.ts';
import { encodePcap } from '../capture/encode.test-helper.ts';
import type { LiveSource } from '../capture/live-source.ts';
import { SondeError } from '../kit/errors.ts';
import { SECOND } from '../kit/time.ts';
import { literal } from '../synth/payload.ts';
import { type Checkpoint, LabelledTickets } from './labelled-tickets.ts';
import { captureLive, type LiveSink } from './live-capture.ts';
import { PACKET_DELAY_US } from './silence.ts';

const M = Date.UTC(2014, 1, 22, 18) * 1000;
const over = between(end('10.0.0.1', 40_000), end('31.13.93.53', 4000));

const headBytes = encodePcap([]);
const packetBytes = (at: number): Uint8Array => {
  const frame = over.udp(at, 'up', new Uint8Array(10), literal(new Uint8Array(0)));
  const packet = { nanoseconds: BigInt(at) * 1000n, bytes: frame.bytes, original: frame.length };
  return encodePcap([packet]).subarray(headBytes.length);
};

/** A source whose steps are told one after the other: bytes that come, or what to do while none come. */
const sourceOf = (steps: readonly (Uint8Array | (() => Promise<void>))[], failure?: SondeError): LiveSource => ({
  chunks: (async function* () {
    for (const step of steps) {
      if (step instanceof Uint8Array) yield step;
      else await step();
    }
  })(),
  stop: () => {},
  losses: async () => ({ kernel: 3 }),
  failure: async () => failure,
  abandon: () => {},
});

interface Seen {
  readonly rows: Row[];
  /** Rows of `imports`, as each commit showed them. */
  readonly imports: Row[];
  readonly checkpoints: (Checkpoint | undefined)[];
}

const run = async (
  source: LiveSource,
  now: () => number,
  more: { isContinued?: boolean; tickets?: LabelledTickets } = {},
) => {
  const seen: Seen = { rows: [], imports: [], checkpoints: [] };
  const sink: LiveSink = {
    write: async (batch) => {
      seen.rows.push(...rowsOf(batch).map((row) => ({ ...row, table: batch.table })));
    },
    commit: async (row, checkpoint) => {
      seen.imports.push(...rowsOf(row));
      seen.checkpoints.push(checkpoint);
    },
  };
  const tickets = more.tickets ?? new LabelledTickets(testOptions);
  const result = await captureLive(tickets, source, sink, {
    name: 'v1',
    commitUs: 10 * SECOND,
    isContinued: more.isContinued ?? false,
    now,
    onProgress: (progress) => {
      progress();
    },
  });
  return { ...seen, result };
};

const flowsOf = ({ rows }: Seen): Row[] => rows.filter(({ table }) => table === 'flows');

/** Time goes on here, once all packets so far were read; then a beat comes. */
const pass =
  (setNow: () => void, beats = 0) =>
  async (): Promise<void> => {
    await sleep(50);
    setNow();
    await sleep(beats * 1200);
  };

test('packet time goes on in silence, by the time that passes here, less what may be on its way', async () => {
  const endOf = async (silenceUs: number) => {
    let now = 0;
    const silence = pass(() => {
      now += silenceUs + PACKET_DELAY_US;
    }, 1);
    return flowsOf(await run(sourceOf([headBytes, packetBytes(M), silence]), () => now));
  };
  expect(await endOf(180 * SECOND)).toMatchObject([{ end_reason: 'eof', reported_at: M + 180 * SECOND }]);
  expect(await endOf(181 * SECOND)).toMatchObject([{ end_reason: 'idle', reported_at: M + 181 * SECOND }]);
});

test('commits come with packet time, and show what there is; the last one ends it', async () => {
  let now = 0;
  const packets = [0, 5, 11, 12, 31].flatMap((second) => [
    pass(() => {
      now = second * SECOND;
    }),
    packetBytes(M + second * SECOND),
  ]);
  const seen = await run(sourceOf([headBytes, ...packets, pass(() => {})]), () => now);
  expect(seen.imports.map((row) => [row.state, row.packet_count])).toEqual([
    ['running', 0],
    // The first packets, once a second has passed.
    ['running', 2],
    ['running', 3],
    ['running', 5],
    ['complete', 5],
  ]);
  expect(seen.imports.at(-1)).toMatchObject({
    kind: 'live',
    name: 'v1',
    dropped: 3,
    sha256: '',
    last_at: M + 31 * SECOND,
  });
  expect(seen.checkpoints.every((one) => one === undefined)).toBe(true);
  expect(flowsOf(seen)).toHaveLength(1);
});

test('a stream that goes on leaves open what is open, with a checkpoint at each commit', async () => {
  const seen = await run(sourceOf([headBytes, packetBytes(M)]), () => 0, { isContinued: true });
  expect(flowsOf(seen)).toEqual([]);
  expect(seen.imports.map(({ state }) => state)).toEqual(['running', 'complete']);
  const tickets = new LabelledTickets(testOptions);
  tickets.restore(seen.checkpoints.at(-1)!);
  const later = await run(sourceOf([headBytes, packetBytes(M + SECOND)]), () => 0, { tickets });
  expect(flowsOf(later).map((row) => [row.started_at, row.up_packets])).toEqual([[M, 2]]);
});

test('what a program that fails had captured is stored, as a part; one that gave nothing is an error', async () => {
  const failure = new SondeError('SONDE_CAPTURE_FAILED', 'the interface v1 went down');
  const seen = await run(sourceOf([headBytes, packetBytes(M)], failure), () => 0);
  expect(seen.result.failure).toBe(failure);
  expect(seen.imports.at(-1)).toMatchObject({ state: 'partial', packet_count: 1 });
  await expect(run(sourceOf([], failure), () => 0)).rejects.toBe(failure);
  await expect(run(sourceOf([]), () => 0)).rejects.toMatchObject({ code: 'SONDE_CAPTURE_FAILED' });
  const text = new TextEncoder().encode('this is no capture at all, but a text that is long enough to be sure of it');
  await expect(run(sourceOf([text]), () => 0)).rejects.toMatchObject({ code: 'SONDE_FORMAT_UNKNOWN' });
});

test('a store that fails ends the capture with its error', async () => {
  const broken = new SondeError('SONDE_STORE_WRITE_FAILED', 'the disk is full');
  const sink: LiveSink = {
    write: async () => {},
    commit: async () => {
      throw broken;
    },
  };
  const source = sourceOf([headBytes, packetBytes(M), pass(() => {}, 1), packetBytes(M + SECOND)]);
  const options = { name: 'v1', commitUs: SECOND, isContinued: false, now: () => 0, onProgress: () => {} };
  await expect(captureLive(new LabelledTickets(testOptions), source, sink, options)).rejects.toBe(broken);
});
