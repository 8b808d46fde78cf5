/** Ticks that read well: decades of bytes and durations, round numbers, round times of a zone. */

import { DAY, HOUR, MINUTE, SECOND } from '../../kit/time.ts';
import { formatValue } from '../format.ts';

const powersOfTen = Array.from({ length: 19 }, (_, i) => 10 ** i);
const durationDecades = [
  ...[1, 10, 100, 1e3, 1e4, 1e5, SECOND, 10 * SECOND],
  ...[MINUTE, 10 * MINUTE, HOUR, DAY, 10 * DAY, 100 * DAY, 1000 * DAY],
];

/** An axis: its ends and its ticks. */
export interface Axis {
  readonly domain: readonly [number, number];
  readonly ticks: readonly number[];
}

/** The ticks around the positive values given, thinned so that their labels do not touch. */
export const decadesAround = (kind: 'bytes' | 'duration_us' | 'rate_bps', values: readonly number[]): Axis => {
  const all = kind === 'duration_us' ? durationDecades : powersOfTen;
  let least = Number.POSITIVE_INFINITY;
  let most = 1;
  for (const value of values) {
    if (value > 0 && value < least) least = value;
    if (value > most) most = value;
  }
  if (least > most) least = 1;
  const first = Math.max(
    0,
    all.findLastIndex((tick) => tick <= least),
  );
  const found = all.findIndex((tick) => tick >= most);
  const last = Math.max(first + 1, found === -1 ? all.length - 1 : found);
  const within = all.slice(first, last + 1);
  const every = Math.ceil(within.length / 9);
  return {
    domain: [within[0]!, Math.max(most, within.at(-1)!)],
    ticks: within.filter((_, i) => i % every === 0),
  };
};

/** An axis from 0 to `most` with round ticks: 1, 2 or 5 times a power of ten apart, seven of them at most. */
export const roundTicks = (most: number): Axis => {
  const end = most > 0 ? most : 1;
  const power = 10 ** Math.floor(Math.log10(end / 7));
  const step = power * ([1, 2, 5, 10].find((times) => end / (times * power) < 7) ?? 10);
  const ticks = Array.from({ length: Math.floor(end / step) + 1 }, (_, i) => i * step);
  return { domain: [0, end], ticks };
};

/** A linear axis from 0: its end, how many ticks to ask for, and their text. */
export interface Linear {
  readonly domain: readonly [number, number];
  readonly ticks: number;
  readonly text: (value: number) => string;
}

/** Whole things have no half ticks: where there are few of them, ticks between two are left without text. */
export const linearAxis = (kind: 'share' | 'bytes' | 'count' | 'duration_us' | 'rate_bps', most: number): Linear => ({
  domain: [0, most > 0 ? most : 1],
  ticks: kind === 'share' ? 5 : Math.max(1, Math.min(5, most)),
  text: (value) => (kind === 'share' || Number.isInteger(value) ? formatValue(kind, value) : ''),
});

const steps = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12].map((n) => n * HOUR),
  ...[1, 2, 7, 14, 28, 91, 182, 364, 1820, 3640].map((n) => n * DAY),
];

const partsIn = (timezone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
  });

export interface TimeTick {
  readonly atUs: number;
  /** Clock time, and the date below it where it changes. */
  readonly label: string;
}

/**
 * At most eight round times inside [fromUs, untilUs], by the clock of the zone as it stood at `fromUs`.
 *
 * Over a change to or from summer time the labels stay right, and are round on one side of it only.
 */
export const timeTicks = (fromUs: number, untilUs: number, timezone: string): readonly TimeTick[] => {
  const format = partsIn(timezone);
  const read = (atUs: number): Record<string, string> =>
    Object.fromEntries(format.formatToParts(new Date(atUs / 1000)).map(({ type, value }) => [type, value]));
  const start = read(fromUs);
  const local = Date.parse(
    `${start.day} ${start.month} ${start.year} ${start.hour}:${start.minute}:${start.second} UTC`,
  );
  const offset = local * 1000 - Math.floor(fromUs / SECOND) * SECOND;
  const step = steps.find((width) => (untilUs - fromUs) / width <= 7) ?? steps.at(-1)!;
  const ticks: TimeTick[] = [];
  let shown = '';
  for (let at = Math.ceil((fromUs + offset) / step) * step - offset; at <= untilUs; at += step) {
    const { day, month, year, hour, minute, second } = read(at);
    const clock = step < MINUTE ? `${hour}:${minute}:${second}` : `${hour}:${minute}`;
    const date = `${day} ${month} ${year}`;
    ticks.push({ atUs: at, label: step >= DAY ? date : date === shown ? clock : `${clock}\n${date}` });
    shown = date;
  }
  return ticks;
};
