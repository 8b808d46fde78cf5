/** Which flow goes by which QUIC connection id: what a server chose stays when the address or port of its client changes (RFC 9000 9.5). */

/** Shorter ids are no proof; longer ones there are none. */
const MIN_ID_BYTES = 8;
const MAX_ID_BYTES = 20;
const MAX_IDS = 1 << 17;

const textOf = (bytes: Uint8Array, at: number, count: number): string =>
  String.fromCharCode(...bytes.subarray(at, at + count));

export class QuicConnectionIds {
  /** Both ways; the oldest first. */
  readonly #flows = new Map<string, number>();
  readonly #ids = new Map<number, string>();
  /** Of ids that were learnt: short headers do not tell the length of theirs. */
  readonly #lengths = new Set<number>();

  /** The id of `count` bytes at `at` stands for the flow, if none does yet. */
  learn(flow: number, bytes: Uint8Array, at: number, count: number): void {
    if (count < MIN_ID_BYTES || count > MAX_ID_BYTES || this.#ids.has(flow)) return;
    const id = textOf(bytes, at, count);
    if (this.#flows.has(id)) return;
    if (this.#ids.size === MAX_IDS)
      for (const oldest of this.#flows.values()) {
        this.forget(oldest);
        break;
      }
    this.#add(flow, id);
  }

  #add(flow: number, id: string): void {
    this.#flows.set(id, flow);
    this.#ids.set(flow, id);
    this.#lengths.add(id.length);
  }

  /** The flow for which the id at `at` stands, of whatever length. */
  find(bytes: Uint8Array, at: number, end: number): number | undefined {
    for (const count of this.#lengths) {
      const flow = at + count <= end ? this.#flows.get(textOf(bytes, at, count)) : undefined;
      if (flow !== undefined) return flow;
    }
    return undefined;
  }

  /** The id of one flow now stands for another. */
  pass(from: number, to: number): void {
    const id = this.#ids.get(from);
    this.forget(from);
    if (id !== undefined) this.#add(to, id);
  }

  /** The flow is over. */
  forget(flow: number): void {
    const id = this.#ids.get(flow);
    if (id === undefined) return;
    this.#ids.delete(flow);
    this.#flows.delete(id);
  }

  checkpoint() {
    return [...this.#ids];
  }

  restore(ids: ReturnType<QuicConnectionIds['checkpoint']>): void {
    for (const [flow, id] of ids) this.#add(flow, id);
  }
}
