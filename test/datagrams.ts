/** UDP payloads of a capture, for tests of decoders. */
import { readCapture } from '../src/capture/read-capture.ts';
import { FrameReason } from '../src/packet/frame-reason.ts';
import { IpProtocol, Layers } from '../src/packet/layers.ts';

/** Payloads, in their order, of the datagrams from or to one of the ports. */
export const datagramsOf = async (path: string, ports: readonly number[]): Promise<Uint8Array[]> => {
  const layers = new Layers();
  const payloads: Uint8Array[] = [];
  await readCapture(path, {
    frame: (bytes, start, captured, original, _at, linkType) => {
      if (layers.decode(bytes, start, captured, original, linkType) !== FrameReason.OK) return;
      const { protocol, sourcePort, destinationPort, payloadStart, payloadEnd } = layers;
      if (protocol !== IpProtocol.UDP || !(ports.includes(sourcePort) || ports.includes(destinationPort))) return;
      payloads.push(bytes.slice(payloadStart, payloadEnd));
    },
  });
  return payloads;
};
