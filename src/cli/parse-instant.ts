/** Points in time as people write them: ISO 8601, or '6 hours ago'. */
import { casual } from 'chrono-node';
import { SondeError } from '../kit/errors.ts';

const isoLike = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?(Z|[+-]\d{2}:\d{2})?$/;

/**
 * UTC microseconds of a text; a text without a zone is UTC.
 *
 * @param now what 'ago' is counted from
 * @throws SondeError SONDE_USAGE
 */
export const parseInstant = (text: string, now: Date): number => {
  if (isoLike.test(text)) {
    const hasZone = /(Z|[+-]\d{2}:\d{2})$/.test(text);
    const hasClock = text.length > 10;
    const iso = text.replace(' ', 'T') + (hasZone ? '' : hasClock ? 'Z' : 'T00:00Z');
    const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '';
    const millis = Date.parse(iso.replace(/\.\d+/, ''));
    if (!Number.isNaN(millis)) return millis * 1000 + Number(fraction.padEnd(6, '0'));
  }
  const parsed = casual.parseDate(text, { instant: now, timezone: 'UTC' }, { forwardDate: false });
  if (parsed !== null) return parsed.getTime() * 1000;
  throw new SondeError(
    'SONDE_USAGE',
    'not a point in time',
    { value: text },
    "write 2014-02-22T19:00Z or '6 hours ago'",
  );
};
