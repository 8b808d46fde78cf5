import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ExpiryWheel } from './expiry-wheel.ts';
import { RECORD_WORDS, Word } from './flow-record.ts';
import { FlowTable } from './flow-table.ts';

const SECOND = 1e6;
/** The first second that is beyond the ring when its start is 0. */
const REACH_S = 4096;

/** A wheel whose flows end when packet time is past `dueAt`, as the probe uses it. */
const newWheel = (startsAt = 0) => {
  const flows = new FlowTable(1 << 20);
  const wheel = new ExpiryWheel(flows);
  const dueAt = new Map<number, number>();
  let looked = 0;
  let servers = 0;
  wheel.advance(startsAt, () => {});
  return {
    wheel,
    dueAt,
    get looked() {
      return looked;
    },
    add(due: number): number {
      const server = ++servers;
      const flow = flows.add(flows.hash(0, server, 0, 0, 0));
      flows.words[flow * RECORD_WORDS + Word.SERVER] = server;
      dueAt.set(flow, due);
      wheel.schedule(flow, due);
      return flow;
    },
    /** The flow was heard: it is due later, and the wheel is not told. */
    touch: (flow: number, due: number): void => {
      dueAt.set(flow, due);
    },
    end(flow: number): void {
      wheel.unschedule(flow);
      dueAt.delete(flow);
      flows.remove(flow);
    },
    /** The flows that end at `at`, in ascending order. */
    advance(at: number): number[] {
      const ended: number[] = [];
      wheel.advance(at, (flow) => {
        looked++;
        const due = dueAt.get(flow)!;
        if (at <= due) wheel.schedule(flow, due);
        else ended.push(flow);
      });
      for (const flow of ended) {
        dueAt.delete(flow);
        flows.remove(flow);
      }
      return ended.sort((a, b) => a - b);
    },
  };
};

describe('a flow', () => {
  test('ends in the first second after it is due, and not before', () => {
    const wheel = newWheel();
    const flow = wheel.add(2.5 * SECOND);
    expect(wheel.advance(2.999999 * SECOND)).toEqual([]);
    expect(wheel.advance(3 * SECOND)).toEqual([flow]);
  });

  test('due on a full second is over once that second has passed', () => {
    const wheel = newWheel();
    const flow = wheel.add(3 * SECOND);
    expect(wheel.advance(3 * SECOND)).toEqual([]);
    expect(wheel.advance(4 * SECOND)).toEqual([flow]);
  });

  test('heard meanwhile is looked at once where it stood and ends where it is due now', () => {
    const wheel = newWheel();
    const flow = wheel.add(2 * SECOND);
    wheel.touch(flow, 100.5 * SECOND);
    expect(wheel.advance(50 * SECOND)).toEqual([]);
    expect(wheel.advance(100 * SECOND)).toEqual([]);
    expect(wheel.looked).toBe(1);
    expect(wheel.advance(101 * SECOND)).toEqual([flow]);
  });

  test('due beyond the reach of the ring is looked at again and ends in time', () => {
    const wheel = newWheel();
    const flow = wheel.add((3 * REACH_S + 0.5) * SECOND);
    for (let second = 1; second <= 3 * REACH_S; second++) expect(wheel.advance(second * SECOND)).toEqual([]);
    expect(wheel.looked).toBe(3);
    expect(wheel.advance((3 * REACH_S + 1) * SECOND)).toEqual([flow]);
  });

  test('due in the past, as of a packet out of order, ends with the next second', () => {
    const wheel = newWheel(100 * SECOND);
    const flow = wheel.add(20 * SECOND);
    expect(wheel.advance(100.9 * SECOND)).toEqual([]);
    expect(wheel.advance(101 * SECOND)).toEqual([flow]);
  });
});

test('a jump of years serves each list once', () => {
  const wheel = newWheel();
  const flows = Array.from({ length: 500 }, (_, i) => wheel.add(i * 11 * SECOND));
  const late = wheel.add(4e15);
  expect(wheel.advance(3e15)).toEqual(flows);
  // Once on the way, and once more where it was put then.
  expect(wheel.looked).toBeLessThanOrEqual(flows.length + 2);
  expect(wheel.advance(4e15 + 1e9)).toEqual([late]);
});

test('nextAt is the next second', () => {
  const { wheel } = newWheel(7.25 * SECOND);
  expect(wheel.nextAt).toBe(8 * SECOND);
});

describe('soonest', () => {
  test('is the flow that is due first, of those heard meanwhile by when they are due now', () => {
    const wheel = newWheel();
    const busy = wheel.add(5 * SECOND);
    const idle = wheel.add(9 * SECOND);
    wheel.touch(busy, 30 * SECOND);
    const due = (flow: number): number => wheel.dueAt.get(flow)!;
    expect(wheel.wheel.soonest(due)).toBe(idle);
    wheel.end(idle);
    expect(wheel.wheel.soonest(due)).toBe(busy);
    wheel.end(busy);
    expect(wheel.wheel.soonest(due)).toBe(-1);
  });

  test('finds flows that are due beyond the reach of the ring', () => {
    const wheel = newWheel();
    const flow = wheel.add(10 * REACH_S * SECOND);
    expect(wheel.wheel.soonest((each) => wheel.dueAt.get(each)!)).toBe(flow);
  });
});

test('the wheel ends the flows that a list would, second by second and over jumps', () => {
  const due = fc.oneof(fc.nat(60), fc.nat(5000), fc.nat(20_000)).map((seconds) => seconds * SECOND);
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('add' as const), due }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('touch' as const), which: fc.nat(50), due }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('soonest' as const) }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant('advance' as const),
        byUs: fc.oneof(fc.nat(3e6), fc.nat(6e7), fc.integer({ min: 0, max: 2e10 })),
      }),
    },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
      let now = 0.5 * SECOND;
      const wheel = newWheel(now);
      const addedAt = new Map<number, number>();
      for (const each of steps) {
        const live = [...wheel.dueAt.keys()];
        const chosen = 'which' in each ? live[each.which % live.length] : undefined;
        if (each.kind === 'add') addedAt.set(wheel.add(now + each.due), now);
        else if (each.kind === 'advance') {
          now += each.byUs;
          const dueAt = new Map(wheel.dueAt);
          const second = Math.floor(now / SECOND);
          // What is past may end, and does with the first full second behind it.
          const isPast = (flow: number): boolean => dueAt.get(flow)! < now;
          const mustEnd = (flow: number): boolean =>
            isPast(flow) &&
            second >= Math.ceil(dueAt.get(flow)! / SECOND) &&
            second > Math.floor(addedAt.get(flow)! / SECOND);
          const ended = wheel.advance(now);
          expect(ended.filter((flow) => !isPast(flow))).toEqual([]);
          expect(live.filter((flow) => mustEnd(flow) && !ended.includes(flow))).toEqual([]);
        } else if (each.kind === 'soonest') {
          const found = wheel.wheel.soonest((flow) => wheel.dueAt.get(flow)!);
          const least = Math.min(...wheel.dueAt.values());
          if (live.length === 0) expect(found).toBe(-1);
          // The ring knows seconds, and beyond its reach nothing.
          else if (least < now + (REACH_S - 2) * SECOND) {
            const within = Math.max(Math.ceil(least / SECOND), Math.floor(now / SECOND) + 1) * SECOND;
            expect(wheel.dueAt.get(found)!).toBeLessThanOrEqual(within);
          } else expect(live).toContain(found);
        } else if (chosen !== undefined) {
          if (each.kind === 'end') wheel.end(chosen);
          else wheel.touch(chosen, Math.max(wheel.dueAt.get(chosen)!, now + each.due));
        }
      }
    }),
    { numRuns: 400 },
  );
});
