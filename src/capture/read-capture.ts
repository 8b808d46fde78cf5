/** Reads one capture to its end and accounts for everything in it. */
import { setImmediate } from 'node:timers/promises';
import type { FrameSink } from '../packet/frame-sink.ts';
import type { CaptureAccount } from './capture-account.ts';
import type { Digest } from './counted-source.ts';
import { type CaptureInput, openCapture } from './open-capture.ts';

export interface CaptureProgress {
  /** Bytes read so far, as they lie on disk, and of how many, where that is known. */
  readonly bytesRead: number;
  readonly totalBytes: number | undefined;
  readonly packets: number;
  /** Latest packet time, UTC microseconds. */
  readonly lastAt: number | undefined;
}

/** A turn of the event loop costs as much as ten packets. */
const BUFFERS_A_PAUSE = 16;

export interface CaptureOptions {
  /** Called once in 16 buffers and at the end, and awaited: for progress and for back-pressure. */
  readonly between?: (progress: CaptureProgress) => void | Promise<void>;
  /** Fed with the raw bytes. */
  readonly digests?: readonly Digest[];
  /** Size of the buffer, 128 KiB by default: what is read stays in the processor's cache until it is done with. It grows for a longer record, up to 16 MiB. */
  readonly bufferBytes?: number;
}

/**
 * Reads a capture (pcap or pcapng, plain or in gzip or zstd, told by its first bytes) and delivers its packets to `sink`.
 *
 * What the bytes say never throws: a capture that breaks off or turns to garbage delivers every packet before, and the
 * result says where and why. Throws SONDE_INPUT_NOT_FOUND or SONDE_INPUT_UNREADABLE for what cannot be opened or read,
 * and SONDE_FORMAT_UNKNOWN, before any packet, for what is no capture.
 *
 * For a digest the raw bytes are read to their end even after a breakage, so that it is of the whole input; a live
 * stream, which may have no end, is read without.
 *
 * @example
 * const { packets, state } = await readCapture('trace.pcap.gz', sink);
 */
export const readCapture = async (
  input: CaptureInput,
  sink: FrameSink,
  options: CaptureOptions = {},
): Promise<CaptureAccount> => {
  const { between, digests = [], bufferBytes = 1 << 17 } = options;
  const capture = await openCapture(input, sink, bufferBytes, digests);
  const { tally, raw } = capture;
  const pause = async (): Promise<void> => {
    await setImmediate();
    const { bytesRead, totalBytes } = raw;
    await between?.({
      bytesRead,
      totalBytes,
      packets: tally.packets,
      lastAt: tally.isTimed ? tally.lastAt : undefined,
    });
  };
  const readAll = async (next: () => Promise<boolean>): Promise<void> => {
    for (let buffers = 1; await next(); buffers++) if (buffers % BUFFERS_A_PAUSE === 0) await pause();
  };

  try {
    await readAll(() => capture.step());
    if (digests.length > 0) await readAll(() => capture.skip());
    await pause();
    return capture.account();
  } finally {
    await capture.close();
  }
};
