/** A capture opened for reading: its layers told apart by their first bytes, then read one buffer at a time. */
import { SondeError } from '../kit/errors.ts';
import type { FrameSink } from '../packet/frame-sink.ts';
import { chunkSource, openSource } from './byte-source.ts';
import { ByteWindow } from './byte-window.ts';
import type { Breakage, CaptureAccount } from './capture-account.ts';
import { CountedSource, type Digest } from './counted-source.ts';
import { type CaptureFormat, type Compression, DETECTION_BYTES, detectFormat } from './format.ts';
import { gunzip } from './gunzip.ts';
import { PcapWalker } from './pcap-walker.ts';
import { PcapngWalker } from './pcapng-walker.ts';
import type { RecordWalker } from './record-walker.ts';
import { type Reason, Tally } from './tally.ts';
import { unzstd } from './zstd/unzstd.ts';

/** Where packets come from: a path, `-` for standard input, or chunks of bytes. */
export type CaptureInput = string | AsyncIterable<Uint8Array>;

/** Enough to tell the format; the records get a buffer of their own. */
const HEAD_BYTES = 1 << 12;

const detectHeld = async (window: ByteWindow): Promise<CaptureFormat | Compression | undefined> => {
  await window.hold(DETECTION_BYTES);
  return detectFormat(window.bytes.subarray(window.start, window.end));
};

const isBrokenCompression = (error: unknown): boolean =>
  error instanceof SondeError && error.code === 'SONDE_COMPRESSION_BROKEN';

export class OpenCapture {
  readonly tally = new Tally();
  /** Undefined if the input is empty, or broken before its format shows. */
  format: CaptureFormat | undefined;
  compression: Compression | undefined;
  broken: Breakage | undefined;
  /** The bytes as they lie on disk. */
  readonly raw: CountedSource;
  #window: ByteWindow;
  #walker: RecordWalker | undefined;
  #closeDecompressor: (() => Promise<void>) | undefined;

  /** Still to be identified: use `openCapture`. */
  constructor(raw: CountedSource) {
    this.raw = raw;
    this.#window = new ByteWindow(raw, HEAD_BYTES);
  }

  /** What was read so far. */
  account(): CaptureAccount {
    const { tally, broken } = this;
    return {
      format: this.format,
      compression: this.compression,
      packets: tally.packets,
      untimed: tally.untimed,
      bytesRead: this.raw.bytesRead,
      firstAt: tally.isTimed ? tally.firstAt : undefined,
      lastAt: tally.isTimed ? tally.lastAt : undefined,
      dropped: this.#walker?.dropped,
      endedAt: this.#walker?.endedAt,
      undelivered: tally.undelivered,
      state: broken === undefined ? 'complete' : 'partial',
      broken,
    };
  }

  /** Finds the layers and takes position before the first record; SONDE_FORMAT_UNKNOWN if it is no capture. */
  async identify(name: string, sink: FrameSink, bufferBytes: number): Promise<void> {
    const head = this.#window;
    let format = await detectHeld(head);
    if (format === 'gzip' || format === 'zstd') {
      this.compression = format;
      const plain = chunkSource(format === 'gzip' ? gunzip(head) : unzstd(head));
      this.#closeDecompressor = () => plain.close();
      this.#window = new ByteWindow(plain, bufferBytes);
      try {
        format = await detectHeld(this.#window);
      } catch (error) {
        if (!isBrokenCompression(error)) throw error;
        this.#stop('broken-compression');
        return;
      }
    } else this.#window = new ByteWindow(head, bufferBytes);

    if (format === 'pcap') this.#walker = new PcapWalker(sink, this.tally);
    else if (format === 'pcapng') this.#walker = new PcapngWalker(sink, this.tally);
    else if (this.raw.bytesRead > 0 && (this.compression === undefined || this.#window.held > 0)) {
      throw new SondeError('SONDE_FORMAT_UNKNOWN', 'not a capture (pcap or pcapng, plain or in gzip or zstd)', {
        file: name,
      });
    } else this.#stop('empty');
    if (this.#walker !== undefined) this.format = format as CaptureFormat;
  }

  /** Delivers what is in the buffer and fills it again; false at the end of what can be read. */
  async step(): Promise<boolean> {
    const window = this.#window;
    const walker = this.#walker;
    if (walker === undefined || this.broken !== undefined) return false;
    window.start = walker.walk(window.bytes, window.view, window.start, window.end);
    if (walker.broken !== undefined) return this.#stop(walker.broken);
    try {
      if ((await window.fill(walker.needed)) > 0) return true;
    } catch (error) {
      if (!isBrokenCompression(error)) throw error;
      return this.#stop('broken-compression');
    }
    return window.held > 0 && this.#stop('truncated-record');
  }

  /** Reads once from the rest of the raw bytes, for their digests; false at their end. */
  async skip(): Promise<boolean> {
    return (await this.raw.read(this.#window.bytes, 0)) > 0;
  }

  async close(): Promise<void> {
    await this.#closeDecompressor?.();
    await this.raw.close();
  }

  #stop(reason: Reason): false {
    this.broken = { offset: this.#window.offset, reason };
    this.tally.miss(reason);
    return false;
  }
}

/** Opens and identifies an input; nothing is delivered before the first `step`. */
export const openCapture = async (
  input: CaptureInput,
  sink: FrameSink,
  bufferBytes: number,
  digests: readonly Digest[] = [],
): Promise<OpenCapture> => {
  const capture = new OpenCapture(new CountedSource(await openSource(input), digests));
  try {
    await capture.identify(typeof input === 'string' ? input : '(stream)', sink, bufferBytes);
    return capture;
  } catch (error) {
    await capture.close();
    throw error;
  }
};
