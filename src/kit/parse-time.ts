/** Times as tables of other people have them: seconds since 1970, or ISO 8601 with or without a zone. */
import { parseIsoDate } from './iso-date.ts';
import { MINUTE } from './time.ts';

/** UTC microseconds of seconds since 1970, or of an ISO time; one without a zone is UTC. Undefined for any before 1970. */
export const parseTime = (text: string): number | undefined => {
  if (/^\d{1,10}(\.\d{1,6})?$/.test(text)) {
    const [seconds, fraction = ''] = text.split('.');
    return Number(seconds) * 1e6 + Number(fraction.padEnd(6, '0'));
  }
  const [, local, zone = 'Z'] = /^(.*?)(Z|[+-]\d{2}:?\d{2})?$/s.exec(text.replace(' ', 'T'))!;
  const at = parseIsoDate(local!.includes('T') ? `${local}Z` : local!);
  if (at === undefined) return undefined;
  const minutes = zone === 'Z' ? 0 : Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  const utc = at - (zone.startsWith('-') ? -minutes : minutes) * MINUTE;
  return utc >= 0 ? utc : undefined;
};
