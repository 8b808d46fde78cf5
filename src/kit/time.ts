/** Event time: UTC microseconds since 1970 as a double, exact until the year 2255. */

export const SECOND = 1_000_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/**
 * ISO 8601 with microseconds: `2015-05-25T19:30:27.604482Z`.
 *
 * @param at UTC microseconds
 */
export const toIsoTime = (at: number): string => {
  const seconds = Math.floor(at / SECOND);
  const micros = at - seconds * SECOND;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${String(micros).padStart(6, '0')}Z`;
};
