/** Every preset of planted operators: it plants what it says, under names that the rules know, and nothing that the probe would cut in two. */
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Catalog } from '../src/catalog/catalog.ts';
import { loadRuleFiles } from '../src/catalog/load-rule-files.ts';
import { defaultFlags } from '../src/cli/default-flags.ts';
import { SECOND } from '../src/kit/time.ts';
import { instant } from '../src/synth/operator/incidents.ts';
import { type PlantedOperator, plantedOperator } from '../src/synth/operator/planted-operator.ts';
import type { OperatorPreset } from '../src/synth/operator/preset.ts';
import { presets } from '../src/synth/operator/presets.ts';

const catalog = new Catalog(loadRuleFiles([fileURLToPath(new URL('../services/', import.meta.url))]));
const subscribers = 120;
const plant = (preset: OperatorPreset): PlantedOperator =>
  plantedOperator({ preset, seed: 5, subscribers, burstIdleUs: SECOND });

describe.each(presets.map((preset) => [preset.name, preset] as const))('%s', (_, preset) => {
  const operator = plant(preset);
  const hosts = new Map<string, { readonly service: string; readonly class: string; readonly port: number }>();
  let longestUs = 0;
  for (const [, event] of operator.events) {
    if (event.kind !== 'connection') continue;
    hosts.set(event.host.name, event.host);
    longestUs = Math.max(longestUs, event.measured.max_idle_us);
  }
  const truth = operator.truth();

  test('plants about as many flows as it says for a number of users', () => {
    const perDay = truth.flows / subscribers / preset.days;
    expect(perDay / preset.flowsPerDay).toBeGreaterThan(0.75);
    expect(perDay / preset.flowsPerDay).toBeLessThan(1.35);
  });

  test('asks for names that the rules give to the service and class that it means', () => {
    const wrong = [...hosts].flatMap(([name, host]) => {
      const rule = catalog.match(name, instant(preset.startAt), host.port, 'tcp');
      const found = [rule?.service ?? '', host.class === '' ? '' : rule?.class];
      return found[0] === host.service && found[1] === host.class ? [] : [[name, ...found]];
    });
    expect(wrong).toEqual([]);
  });

  test('uses no more servers than it has, in the networks that it has', () => {
    const all = preset.pools.reduce((sum, { addresses }) => sum + addresses, 0);
    const { addresses, networks24, networks16 } = truth.hosting;
    expect(addresses).toBeLessThanOrEqual(all);
    expect(addresses).toBeGreaterThan(0.6 * all);
    expect(networks24).toBeLessThanOrEqual(preset.hosting.blocks);
    expect(networks16).toBe(preset.hosting.networks.length);
  });

  test('has silences up to its longest time-out, which the probe waits for', () => {
    const longest = Math.max(...preset.devices.flatMap(({ chatTimeoutsUs }) => chatTimeoutsUs));
    expect(longestUs).toBeGreaterThan(0.9 * longest);
    expect(longestUs).toBeLessThan(defaultFlags.tcpIdle * SECOND);
  });

  test('lets things go wrong in the days that it has', () => {
    const untilAt = instant(preset.startAt) + preset.days * 24 * 3600 * SECOND;
    for (const span of [preset.outage, preset.probeGap, preset.dnsFailure]) {
      if (span === undefined) continue;
      expect(instant(span.from)).toBeGreaterThan(instant(preset.startAt));
      expect(instant(span.until)).toBeGreaterThan(instant(span.from));
      expect(instant(span.until)).toBeLessThan(untilAt);
    }
  });
});

test('no two presets have a quantity in common that an estimator looks for', () => {
  const quantities: ((preset: OperatorPreset) => unknown)[] = [
    ({ hosting }) => hosting.asn,
    ({ hosting }) => hosting.blocks,
    ({ hosting }) => hosting.networks.length,
    ({ hosting }) => String(hosting.dataCentres.map(({ rttUs }) => rttUs)),
    ({ pools }) => String(pools.map(({ addresses }) => addresses)),
    ({ devices }) => String(devices.map(({ chatTimeoutsUs }) => chatTimeoutsUs)),
    ({ access }) => access.downWindow / access.rttUs,
    ({ chat }) => chat.message.median,
    ({ media }) => String(media.kinds.map(({ share }) => share)),
    ({ adoption }) => adoption,
  ];
  for (const quantity of quantities) expect(new Set(presets.map(quantity)).size).toBe(presets.length);
});

test('the same seed plants the same, another one another network of the same kind', () => {
  const [, small] = presets;
  const read = (seed: number) => {
    const operator = plantedOperator({ preset: small!, seed, subscribers: 20, days: 1, burstIdleUs: SECOND });
    const flows = [...operator.events].map(([at, event]) => [at, event.kind]);
    return { flows, truth: operator.truth(), overlay: operator.overlay };
  };
  expect(read(1)).toEqual(read(1));
  expect(read(2).flows).not.toEqual(read(1).flows);
});
