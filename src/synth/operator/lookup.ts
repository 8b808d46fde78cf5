/** A question of a planted subscriber to the resolver, and its answer: as frames, or as frames that only the probe may read. */
import { parseAddress } from '../../packet/address.ts';
import { toDnsMessage } from '../dns-message.ts';
import { type Direction, type Frame, FrameBuilder, type Path } from '../frame.ts';
import type { Host } from './host.ts';

export interface Lookup {
  readonly host: Host;
  /** Place of the server that the answer begins with. */
  readonly rotation: number;
  readonly rcode: 'NOERROR' | 'SERVFAIL';
  readonly path: Path;
  readonly id: number;
}

export const RESOLVER = { address: parseAddress('10.0.0.53')!, port: 53 } as const;

/** Where fields are in a frame of Ethernet, IPv4 and UDP. */
const Field = { SOURCE: 26, DESTINATION: 30, SOURCE_PORT: 34, DESTINATION_PORT: 36, DNS_ID: 42 } as const;

/** The servers of a host from one of them on. */
const rotate = ({ servers }: Host, rotation: number): Host['servers'] =>
  servers.map((_, i) => servers[(rotation + i) % servers.length]!);

/** The message of a direction. */
const messageOf = ({ host, rotation, rcode, id }: Lookup, direction: Direction): Uint8Array => {
  const question = { id, name: host.name, type: 'A' } as const;
  if (direction === 'up') return toDnsMessage(question);
  const { name, ttlS } = host;
  const answers =
    rcode === 'NOERROR'
      ? rotate(host, rotation).map(({ text }) => ({ name, type: 'A', ttlS, data: text }) as const)
      : [];
  return toDnsMessage({ ...question, response: { rcode, answers } });
};

/** The packet as it passes. */
export const lookupFrame = (lookup: Lookup, at: number, direction: Direction): Frame =>
  new FrameBuilder(lookup.path).udp(at, direction, messageOf(lookup, direction));

/**
 * Makes frames by writing over earlier ones: each is valid until the next one is made, and its checksums are of another.
 * The probe reads neither, and a population asks millions of times.
 */
export class LookupTemplates {
  readonly #templates = new Map<string, Uint8Array>();
  readonly #byHost: (Uint8Array | undefined)[] = [];

  frame(lookup: Lookup, at: number, direction: Direction): Frame {
    const { path, id } = lookup;
    const bytes = direction === 'up' ? this.#question(lookup) : this.#answer(lookup);
    const [client, clientPort] =
      direction === 'up'
        ? ([Field.SOURCE, Field.SOURCE_PORT] as const)
        : ([Field.DESTINATION, Field.DESTINATION_PORT] as const);
    bytes.set(path.client.address, client);
    bytes[clientPort] = path.client.port >> 8;
    bytes[clientPort + 1] = path.client.port;
    bytes[Field.DNS_ID] = id >> 8;
    bytes[Field.DNS_ID + 1] = id;
    return { at, bytes, length: bytes.length };
  }

  #question(lookup: Lookup): Uint8Array {
    const { index } = lookup.host;
    this.#byHost[index] ??= lookupFrame(lookup, 0, 'up').bytes;
    return this.#byHost[index];
  }

  #answer(lookup: Lookup): Uint8Array {
    const { host, rotation, rcode } = lookup;
    const key = `${host.index} ${rotation} ${rcode}`;
    let bytes = this.#templates.get(key);
    if (bytes === undefined) {
      bytes = lookupFrame(lookup, 0, 'down').bytes;
      this.#templates.set(key, bytes);
    }
    return bytes;
  }
}
