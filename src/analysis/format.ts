/** Values as people read them: one formatter for the terminal, the page, the axes and the sentences. */

/**
 * - `text`: as it is, control characters made visible.
 * - `count`: a whole number of the column's unit.
 * - `bytes`: bytes. `share`: a fraction of 1. `duration_us`: microseconds.
 * - `time`: UTC microseconds. `asn`: number of an autonomous system.
 * - `rate_bps`: bits a second. `distance_km`: kilometres. `ratio`: a number without a unit.
 */
export type ValueKind =
  | 'text'
  | 'count'
  | 'bytes'
  | 'share'
  | 'duration_us'
  | 'time'
  | 'asn'
  | 'rate_bps'
  | 'distance_km'
  | 'ratio';

/** null is "not observed". */
export type Value = string | number | null;

// Escape sequences could drive a terminal, and direction marks could turn a name around: neither may pass.
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const toPrintable = (text: string): string =>
  text.replace(unprintable, (character) => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`);

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US');

const threeDigits = (value: number): string =>
  value >= 100 ? String(Math.round(value)) : value.toPrecision(3).replace(/\.?0+$/, '');

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
const rateUnits = ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s', 'Tbit/s'];

/** In the unit, each a thousand of the one before, in which the value has one to three digits. */
const formatScaled = (value: number, units: readonly string[]): string => {
  let scaled = value;
  let unit = 0;
  // 999.5 kB would round to "1000 kB".
  while (Math.abs(scaled) >= (unit === 0 ? 1000 : 999.5) && unit < units.length - 1) {
    scaled /= 1000;
    unit++;
  }
  return `${unit === 0 ? Math.round(scaled) : threeDigits(scaled)} ${units[unit]}`;
};

// Each unit with the value, in microseconds, from which the next one is used.
const durationUnits: readonly (readonly [unit: string, us: number, below: number])[] = [
  ['µs', 1, 999.5],
  ['ms', 1e3, 999.5e3],
  ['s', 1e6, 60e6],
  ['min', 60e6, 3600e6],
  ['h', 3600e6, 24 * 3600e6],
  ['d', 24 * 3600e6, Number.POSITIVE_INFINITY],
];

const formatDuration = (value: number): string => {
  const [unit, us] = durationUnits.find(([, , below]) => Math.abs(value) < below) ?? durationUnits[5]!;
  return `${threeDigits(value / us)} ${unit}`;
};

const formatShare = (value: number): string => {
  if (value > 0 && value < 0.0005) return '< 0.1 %';
  if (value < 1 && value > 0.9995) return '> 99.9 %';
  return `${(100 * value).toFixed(1).replace(/\.0$/, '')} %`;
};

/**
 * Date, time to the second and zone: `2015-05-25 19:30:27 UTC`, `2015-05-25 21:30:27 GMT+2`.
 *
 * @param at UTC microseconds
 * @param timezone IANA name
 */
const formatTime = (at: number, timezone: string): string => {
  const date = new Date(Math.floor(at / 1000));
  if (Number.isNaN(date.getTime())) return '-';
  if (timezone === 'UTC') return `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'shortOffset',
  }).formatToParts(date);
  const part = (type: string): string => parts.find((found) => found.type === type)?.value ?? '';
  return `${part('year')}-${part('month')}-${part('day')} ${part('hour')}:${part('minute')}:${part('second')} ${part('timeZoneName')}`;
};

/**
 * The text of a value, with its unit except for counts; '-' for null.
 *
 * @example
 * formatValue('bytes', 70_000);        // '70 kB'
 * formatValue('share', 0.362);         // '36.2 %'
 * formatValue('duration_us', 106_000); // '106 ms'
 * formatValue('asn', 36351);           // 'AS36351'
 */
export const formatValue = (kind: ValueKind, value: Value, timezone = 'UTC'): string => {
  if (value === null) return '-';
  if (typeof value === 'string') return toPrintable(value);
  if (!Number.isFinite(value)) return '-';
  switch (kind) {
    case 'text':
      return String(value);
    case 'count':
      return grouped(value);
    case 'bytes':
      return formatScaled(value, byteUnits);
    case 'share':
      return formatShare(value);
    case 'duration_us':
      return formatDuration(value);
    case 'time':
      return formatTime(value, timezone);
    case 'asn':
      return `AS${value}`;
    case 'rate_bps':
      return formatScaled(value, rateUnits);
    case 'distance_km':
      return `${grouped(value)} km`;
    case 'ratio':
      return threeDigits(value);
  }
};

/**
 * A number and its noun: `1 flow`, `1,234 flows`.
 *
 * @example counted(2, 'address', 'addresses') // '2 addresses'
 */
export const counted = (n: number, singular: string, plural = `${singular}s`): string =>
  `${formatValue('count', n)} ${n === 1 ? singular : plural}`;
