/** One line of comma separated values (RFC 4180), for values that hold no line break. */

/**
 * The fields of a line; undefined if its quotes do not match.
 *
 * @example
 * parseCsvLine('13335,"Cloudflare, ""Inc"""') // ['13335', 'Cloudflare, "Inc"']
 */
export const parseCsvLine = (line: string): string[] | undefined => {
  if (!line.includes('"')) return line.split(',');
  const fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = field.exec(line);
    if (match === null) return undefined;
    fields.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '') return fields;
  }
};
