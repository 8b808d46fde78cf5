import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeSplit, type Network } from './split-verdict.ts';

const ms = 1000;
const countries = ['AT', 'US', 'JP', 'BR'];

/** Networks of systems of their own, round the countries. */
const networks = (leastUs: readonly number[], systems = leastUs.length): readonly Network[] =>
  leastUs.map((us, i) => ({
    net: `192.0.${i}.0/24`,
    asn: 1 + (i % systems),
    country: countries[i % countries.length]!,
    flows: 5,
    leastUs: us,
  }));
const none = (): undefined => undefined;
const same = (us: number, n: number): readonly number[] => Array.from({ length: n }, () => us);

describe('alike', () => {
  test('ten networks in five systems that answer too soon for where they are: split', () => {
    expect(judgeSplit(networks(same(2 * ms, 10), 5), none)).toMatchObject({
      verdict: 'split',
      systems: 5,
      countries: 4,
      medianUs: 2 * ms,
      alike: 10,
      pairs: 6,
      impossiblePairs: 6,
      compared: 0,
    });
  });

  test('nine networks, or four systems, may be near each other', () => {
    expect(judgeSplit(networks(same(2 * ms, 9)), none).verdict).toBe('cannot tell');
    expect(judgeSplit(networks(same(2 * ms, 20), 4), none).verdict).toBe('cannot tell');
  });

  test('one country tells of no distance', () => {
    const near = networks(same(2 * ms, 12)).map((network) => ({ ...network, country: 'AT' }));
    expect(judgeSplit(near, none)).toMatchObject({ verdict: 'cannot tell', pairs: 0 });
  });

  test('a tenth of the networks may be otherwise', () => {
    expect(judgeSplit(networks([...same(2 * ms, 18), 90 * ms, 90 * ms]), none).verdict).toBe('split');
    expect(judgeSplit(networks([...same(2 * ms, 17), ...same(90 * ms, 3)]), none).verdict).toBe('cannot tell');
  });

  test('the tolerance is a millisecond, or a fifth where that is more', () => {
    expect(judgeSplit(networks([...same(2 * ms, 10), 3 * ms, 3 * ms + 1]), none).alike).toBe(11);
    expect(judgeSplit(networks([...same(20 * ms, 10), 24 * ms, 24 * ms + 1]), none).alike).toBe(11);
  });
});

test('three networks of ten that are otherwise: not split', () => {
  expect(judgeSplit(networks([...same(2 * ms, 7), ...same(90 * ms, 3)]), none).verdict).toBe('not split');
});

describe('compared with other ways to the same networks', () => {
  const few = networks(same(2 * ms, 5));

  test('less than half of the RTT to four of five networks: split, however few', () => {
    expect(judgeSplit(few, (net) => (net === '192.0.0.0/24' ? 2 * ms : 9 * ms))).toMatchObject({
      verdict: 'split',
      compared: 5,
      faster: 4,
    });
    expect(judgeSplit(few, (net) => (net < '192.0.2' ? 2 * ms : 9 * ms)).verdict).toBe('cannot tell');
  });

  test('half of it, or less by a millisecond, is not less than half', () => {
    expect(judgeSplit(few, () => 4 * ms).faster).toBe(0);
    expect(judgeSplit(networks(same(200, 5)), () => 1200).faster).toBe(0);
    expect(judgeSplit(networks(same(200, 5)), () => 1201).faster).toBe(5);
  });
});

test('RTTs that distances allow, spread as they are, are never called split', () => {
  const spread = fc.array(fc.integer({ min: 150 * ms, max: 600 * ms }), { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(spread, (leastUs) => {
      expect(judgeSplit(networks(leastUs), none).verdict).not.toBe('split');
    }),
  );
});
