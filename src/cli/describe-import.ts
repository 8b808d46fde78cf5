/** What a person is told of an import: what came of it, and what to look at next. */
import { counted } from '../analysis/format.ts';
import { SECOND, toIsoTime } from '../kit/time.ts';
import type { ImportSummary } from '../pipeline/import-summary.ts';
import type { Imported } from './importer.ts';

/** Packets under this reason are decoded; whose they are is what is not known. */
const UNKNOWN_SESSION = 'gtp-session-unknown';

/** As `7 packets, 2 rows; not decoded: 1 not-ip`. */
export const describeSummary = ({ packets, rows, reasons, dropped, results }: ImportSummary): string => {
  const parts = [`${counted(packets, 'packet')}, ${counted(rows, 'row')}`];
  const { [UNKNOWN_SESSION]: unknown, ...undecoded } = reasons;
  const left = Object.entries(undecoded).map(([reason, n]) => `${n} ${reason}`);
  if (left.length > 0) parts.push(`not decoded: ${left.join(', ')}`);
  if (unknown !== undefined) parts.push(`${counted(unknown, 'packet')} in tunnels of unknown sessions`);
  if (dropped !== undefined && dropped > 0) parts.push(`${counted(dropped, 'packet')} lost by the capture`);
  for (const { broken } of results) if (broken) parts.push(`breaks off at byte ${broken.offset} (${broken.reason})`);
  return parts.join('; ');
};

/** As `20 sessions; 1 line not used: line 7: ...`. */
const describeRecords = (
  state: string,
  { unit, count, badLines, complaints }: Required<Imported>['records'],
): string => {
  const parts = [state === 'imported' ? counted(count, unit) : state];
  if (badLines > 0) {
    const more = badLines > complaints.length ? '; ...' : '';
    parts.push(`${counted(badLines, 'line')} not used: ${complaints.join('; ')}${more}`);
  }
  return parts.join('; ');
};

export const describeImport = ({ name, state, summary, records, lateUs, openFlows }: Imported): string => {
  if (records !== undefined) return `${name}: ${describeRecords(state, records)}`;
  if (summary === undefined) return `${name}: ${state}`;
  const parts = [describeSummary(summary)];
  if (openFlows !== undefined) parts.push(`${counted(openFlows, 'flow')} open`);
  if (lateUs !== undefined)
    parts.push(`out of order: begins ${(lateUs / SECOND).toFixed(3)} s before the end of what the stream had`);
  return `${name}: ${parts.join('; ')}`;
};

/** What to look at next, over the time that the imports cover; undefined if that is none. */
export const nextCommand = (summaries: readonly ImportSummary[], db: string): string | undefined => {
  const firsts = summaries.flatMap(({ firstAt }) => firstAt ?? []);
  const lasts = summaries.flatMap(({ lastAt }) => lastAt ?? []);
  if (firsts.length === 0) return undefined;
  const from = toIsoTime(Math.min(...firsts));
  const until = toIsoTime(Math.max(...lasts) + 1);
  const store = db === './sonde-store' ? '' : ` --db ${db}`;
  return `look at it: sonde show coverage --from ${from} --until ${until}${store}`;
};
