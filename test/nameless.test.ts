/** A planted scene in which the DNS of half the clients is not seen: what their flows without a name are taken for. */
import { expect, test } from 'vitest';
import { LinkType } from '../src/packet/frame-sink.ts';
import { IpProtocol, Layers } from '../src/packet/layers.ts';
import { LabelledTickets } from '../src/pipeline/labelled-tickets.ts';
import type { Frame } from '../src/synth/frame.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { type Row, rowsOf, testOptions } from './rows.ts';

const scene = () => plantedWhatsApp({ seed: 7, clients: 30, hours: 1 });
const idOf = ({
  client_ip,
  client_port,
  server_ip,
  server_port,
  started_at,
}: Readonly<Record<string, unknown>>): string => [client_ip, client_port, server_ip, server_port, started_at].join(' ');

/** Is the frame DNS over UDP of a client that is hidden? Every other address is. */
const isHidden = (layers: Layers, { bytes, length }: Frame): boolean => {
  layers.decode(bytes, 0, bytes.length, length, LinkType.ETHERNET);
  if (layers.protocol !== IpProtocol.UDP) return false;
  const clientAt = layers.sourcePort === 53 ? layers.destinationAt : layers.sourceAt;
  const isDns = layers.sourcePort === 53 || layers.destinationPort === 53;
  return isDns && !layers.v6 && bytes[clientAt + 3]! % 2 === 0;
};

test('most are known by address or payload, rightly and with the confidence that they deserve', () => {
  const planted = scene();
  const tickets = new LabelledTickets(testOptions);
  const layers = new Layers();
  for (const frame of planted.frames) {
    if (isHidden(layers, frame)) continue;
    tickets.probe.frame(frame.bytes, 0, frame.bytes.length, frame.length, frame.at, LinkType.ETHERNET);
  }
  tickets.finish();
  const flows = tickets.sealed.filter(({ table }) => table === 'flows').flatMap(rowsOf);
  const found = new Map(flows.map((flow) => [idOf(flow), flow]));
  const nameless: { readonly truth: string; readonly flow: Row }[] = [];
  for (const truth of planted.truth().flows) {
    const flow = found.get(idOf({ ...truth }));
    if (flow?.fqdn === '' && flow.protocol === 'tcp') nameless.push({ truth: `${truth.service} ${truth.class}`, flow });
  }
  const labelled = nameless.filter(({ flow }) => flow.service !== '');
  const wrong = labelled.filter(({ truth, flow }) => truth !== `${flow.service} ${flow.class}`);
  const ofWhatsApp = nameless.filter(({ truth }) => truth.startsWith('whatsapp'));
  const byAddress = labelled.filter(({ flow }) => flow.service_source === 'ip-set');
  const confidence = byAddress.reduce((sum, { flow }) => sum + (flow.service_confidence as number), 0);

  expect(wrong).toEqual([]);
  expect(byAddress.length).toBeGreaterThan(5);
  expect(labelled.length / ofWhatsApp.length).toBeGreaterThan(0.9);
  expect(confidence / byAddress.length).toBeGreaterThan(0.7);
  expect(confidence / byAddress.length).toBeLessThan(1);
});
