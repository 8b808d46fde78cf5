/** A log of Zeek, tab-separated with a header: its rows by the names of the fields. */
import { readFileSync } from 'node:fs';

export const readZeekLog = (path: string): Record<string, string>[] => {
  let fields: string[] = [];
  const rows: Record<string, string>[] = [];
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) {
    const cells = line.split('\t');
    if (line.startsWith('#fields')) fields = cells.slice(1);
    else if (!line.startsWith('#')) rows.push(Object.fromEntries(fields.map((name, i) => [name, cells[i]!])));
  }
  return rows;
};
