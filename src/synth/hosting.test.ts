import ipaddr from 'ipaddr.js';
import { expect, test } from 'vitest';
import { activityAt, chatHosts, controlHost, mediaHosts, plantedOverlay, serverRttUs, sharedHosts } from './hosting.ts';

const whatsappHosts = [...chatHosts, ...Object.values(mediaHosts).flat(), controlHost];

/** The AS numbers of the overlay whose block holds the address. */
const systemsOf = (address: string): number[] =>
  plantedOverlay
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .filter(([block]) => {
      const [net, length] = ipaddr.parseCIDR(block!);
      const parsed = ipaddr.parse(address);
      return parsed.kind() === net.kind() && parsed.match(net, length);
    })
    .map(([, asn]) => Number(asn));

test('the overlay says that WhatsApp is at SoftLayer and the others elsewhere', () => {
  const whatsapp = whatsappHosts.flatMap(({ addresses }) => addresses.map(systemsOf));
  expect(new Set(whatsapp.map(String))).toEqual(new Set(['36351']));
  const shared = sharedHosts.flatMap(({ addresses }) => addresses.map(systemsOf));
  expect(new Set(shared.map(String))).toEqual(new Set(['64496']));
});

test('RTTs of WhatsApp have the floors 106 and 114 ms, one a /24', () => {
  const floors = new Map<string, number>();
  for (const address of whatsappHosts.flatMap(({ addresses }) => addresses)) {
    const net = address.replace(/\d+$/, '0');
    expect(floors.get(net) ?? serverRttUs(address, 0)).toBe(serverRttUs(address, 0));
    floors.set(net, serverRttUs(address, 0));
  }
  expect(new Set(floors.values())).toEqual(new Set([106_000, 114_000]));
  expect(serverRttUs(chatHosts[0]!.addresses[0]!, 0.999)).toBeLessThan(
    serverRttUs(chatHosts[0]!.addresses[0]!, 0) + 1500,
  );
});

test('people are busiest at half past eight in the evening, Central European Time', () => {
  const activities = Array.from({ length: 48 }, (_, i) => activityAt(Date.UTC(2014, 1, 18, 0, 30 * i) * 1000));
  expect(activities.indexOf(Math.max(...activities))).toBe(39);
  expect(Math.max(...activities)).toBeCloseTo(1, 6);
  expect(Math.min(...activities)).toBeCloseTo(0.1, 6);
});
