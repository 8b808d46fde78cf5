/** ISO 8601 dates and times in UTC, as people write them into tables. */

/**
 * UTC microseconds of `2014-02-22`, `2014-02-22T19:00Z`, `2014-02-22T19:00:05.25Z`; undefined for anything else and for
 * days and hours that do not exist.
 */
export const parseIsoDate = (text: string): number | undefined => {
  const match = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?Z)?$/.exec(text);
  if (match === null) return undefined;
  const [, day, minute = '00:00', second = '00', fraction = ''] = match;
  const whole = `${day}T${minute}:${second}`;
  const millis = Date.parse(`${whole}Z`);
  // Date.parse lets 30 February pass as 2 March.
  if (Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(whole)) return undefined;
  return 1000 * millis + Number(fraction.padEnd(6, '0'));
};
