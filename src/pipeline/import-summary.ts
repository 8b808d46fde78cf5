/** What an import came to: packets, rows, losses, and why packets were not decoded. */
import type { CaptureAccount } from '../capture/capture-account.ts';
import { frameReasons } from '../packet/frame-reason.ts';
import type { LabelledTickets } from './labelled-tickets.ts';

export interface ImportSummary {
  readonly packets: number;
  readonly bytesRead: number;
  readonly rows: number;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  readonly dropped: number | undefined;
  /** Frames and records that gave no flow packet, by reason; reasons that did not occur are left out. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Of those, the broken ones: what is no IP, or of a link or fragment not read, is none. */
  readonly malformed: number;
  readonly state: 'complete' | 'partial';
  readonly results: readonly CaptureAccount[];
}

/** Frames under these reasons are sound, and not what the probe reads. */
const soundReasons = new Set(['not-ip', 'link-unknown', 'link-unreadable', 'ip-fragment', 'gtp-session-unknown']);

/** What the import came to that `tickets` was told to begin last, of these inputs. */
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export const summarise = (tickets: LabelledTickets, results: readonly CaptureAccount[]): ImportSummary => {
  const reasons: Record<string, number> = {};
  const note = (reason: string, count: number): void => {
    if (count > 0) reasons[reason] = (reasons[reason] ?? 0) + count;
  };
  for (const [i, reason] of frameReasons.entries()) if (i > 0) note(reason, tickets.probe.reasons[i]!);
  note('dns-malformed', tickets.probe.dns.malformed);
  note('gtp-malformed', tickets.probe.sessions.gtpMalformed);
  note('radius-malformed', tickets.probe.sessions.radiusMalformed);
  note('gtp-session-unknown', tickets.probe.sessions.unknown);
  for (const { undelivered } of results) for (const [reason, count] of Object.entries(undelivered)) note(reason, count);
  const firsts = results.flatMap(({ firstAt }) => firstAt ?? []);
  const lasts = results.flatMap(({ lastAt }) => lastAt ?? []);
  const drops = results.flatMap(({ dropped }) => dropped ?? []);
  return {
    packets: sum(results.map(({ packets }) => packets)),
    bytesRead: sum(results.map(({ bytesRead }) => bytesRead)),
    rows: tickets.rows,
    firstAt: firsts.length > 0 ? Math.min(...firsts) : undefined,
    lastAt: lasts.length > 0 ? Math.max(...lasts) : undefined,
    dropped: drops.length > 0 ? sum(drops) : undefined,
    reasons,
    malformed: sum(Object.entries(reasons).map(([reason, count]) => (soundReasons.has(reason) ? 0 : count))),
    state: results.some(({ state }) => state === 'partial') ? 'partial' : 'complete',
    results,
  };
};
