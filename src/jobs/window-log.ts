/** Which windows of a job were run, how often, and what their inputs held then: the last rows of `runs`, in memory. */

/** Windows are kept in runs of this many, so that years without any cost nothing. */
const CHUNK = 1024;

interface Chunk {
  /** Attempts by window; 0 was never run. */
  readonly attempts: Int32Array;
  /** The marks of the last attempt, one an input. */
  readonly marks: Float64Array;
  /** The snapshot of which the last attempt was. */
  readonly snapshots: Float64Array;
}

export class WindowLog {
  readonly stepUs: number;
  readonly #inputs: number;
  readonly #chunks = new Map<number, Chunk>();
  #keys: number[] = [];

  /** @param inputs how many the job has */
  constructor(stepUs: number, inputs: number) {
    this.stepUs = stepUs;
    this.#inputs = inputs;
  }

  /** How often the window that begins at `start` was run. */
  attempts(start: number): number {
    const { key, at } = this.#placeOf(start);
    return this.#chunks.get(key)?.attempts[at] ?? 0;
  }

  /** What an input held at the last attempt. */
  mark(start: number, input: number): number {
    const { key, at } = this.#placeOf(start);
    return this.#chunks.get(key)?.marks[at * this.#inputs + input] ?? 0;
  }

  /** The snapshot that the last attempt was made of; -1 if nobody knows. */
  snapshot(start: number): number {
    const { key, at } = this.#placeOf(start);
    return this.#chunks.get(key)?.snapshots[at] ?? -1;
  }

  /** Notes an attempt, unless it or a later one is known: then the answer is false. */
  note(start: number, attempt: number, marks: readonly number[], snapshot: number): boolean {
    const { key, at } = this.#placeOf(start);
    const chunk = this.#chunkOf(key);
    if (chunk.attempts[at]! >= attempt) return false;
    chunk.attempts[at] = attempt;
    chunk.marks.set(marks.slice(0, this.#inputs), at * this.#inputs);
    chunk.snapshots[at] = snapshot;
    return true;
  }

  /** Attempts at all windows that begin in [from, until). */
  sum(from: number, until: number): number {
    let sum = 0;
    for (let start = this.next(from); start < until; start = this.next(start + this.stepUs))
      sum += this.attempts(start);
    return sum;
  }

  /** Start of the first window that was run, from `from` on; Infinity if there is none. */
  next(from: number): number {
    const first = Math.max(Math.ceil(from / this.stepUs), (this.#keys[0] ?? 0) * CHUNK);
    for (const key of this.#keys) {
      if ((key + 1) * CHUNK <= first) continue;
      const { attempts } = this.#chunks.get(key)!;
      for (let i = Math.max(0, first - key * CHUNK); i < CHUNK; i++)
        if (attempts[i]! > 0) return (key * CHUNK + i) * this.stepUs;
    }
    return Number.POSITIVE_INFINITY;
  }

  /** End of the last window that was run; -Infinity if none was. */
  get end(): number {
    const key = this.#keys.at(-1);
    if (key === undefined) return Number.NEGATIVE_INFINITY;
    const last = this.#chunks.get(key)!.attempts.findLastIndex((attempt) => attempt > 0);
    return (key * CHUNK + last + 1) * this.stepUs;
  }

  #placeOf(start: number): { readonly key: number; readonly at: number } {
    const index = start / this.stepUs;
    const key = Math.floor(index / CHUNK);
    return { key, at: index - key * CHUNK };
  }

  #chunkOf(key: number): Chunk {
    let chunk = this.#chunks.get(key);
    if (chunk === undefined) {
      chunk = {
        attempts: new Int32Array(CHUNK),
        marks: new Float64Array(CHUNK * this.#inputs),
        snapshots: new Float64Array(CHUNK),
      };
      this.#chunks.set(key, chunk);
      this.#keys = [...this.#chunks.keys()].sort((a, b) => a - b);
    }
    return chunk;
  }
}
