/** A sample of the endless scene; `npm run soak` plays a hundred million packets of it. */
import { expect, test } from 'vitest';
import { playEndless } from './endless.ts';

const sample = { seed: 20_140_218, packets: 20_000, clientsAtOnce: 300, sampleEvery: Number.POSITIVE_INFINITY };

test('every packet, byte and fault of traffic on all links is accounted for', () => {
  const { sent, inFlows, inCounters, reasons } = playEndless(sample);
  expect(reasons).toEqual({ ok: sent.up_packets + sent.down_packets });
  expect(inFlows).toEqual(sent);
  for (const name of ['up_packets', 'down_packets', 'up_bytes', 'down_bytes'] as const)
    expect(inCounters[name], name).toBe(sent[name]);
});

test('... of packets and bytes also while flows are evicted and epochs end', () => {
  const { sent, inFlows, rows } = playEndless({ ...sample, maxFlows: 100, epochSize: 1 });
  for (const name of ['up_packets', 'down_packets', 'up_bytes', 'down_bytes'] as const)
    expect(inFlows[name], name).toBe(sent[name]);
  expect(rows.flows).toBeGreaterThan(playEndless(sample).rows.flows!);
});
