/** One system behind a client: what its evidence leaves open, and for how long that is believed. */
import { anyOs, type OsSet } from '../enrich/os/os-set.ts';
import type { Handset } from '../enrich/os/tac-table.ts';
import type { UserAgent } from '../enrich/os/user-agent.ts';
import { DAY, HOUR } from '../kit/time.ts';

/** Kinds of evidence, the strongest first. */
export type OsSource = 'tac' | 'user-agent' | 'syn';

/** Evidence is believed so long after it was last seen. */
const MAX_AGE_US = DAY;
/** Two systems seen within this time are both there still. */
const RECENT_US = HOUR;
const NEVER = Number.NEGATIVE_INFINITY;

/** What each kind of evidence leaves open, and when it was last seen. Times are microseconds of packet time. */
export interface Terminal {
  /** What the session says it is; that does not age. */
  readonly handset: Handset | undefined;
  agent: OsSet;
  agentAt: number;
  syn: OsSet;
  synAt: number;
  /** As User-Agents name it, and when they named two. */
  device: string;
  deviceAt: number;
  mixedAt: number;
}

export const newTerminal = (handset?: Handset): Terminal => ({
  handset,
  agent: anyOs,
  agentAt: NEVER,
  syn: anyOs,
  synAt: NEVER,
  device: '',
  deviceAt: NEVER,
  mixedAt: NEVER,
});

const isFresh = (seenAt: number, at: number): boolean => at - seenAt <= MAX_AGE_US;

const seenAt = ({ handset, agentAt, synAt }: Terminal): number =>
  handset === undefined ? Math.max(agentAt, synAt) : Number.POSITIVE_INFINITY;

/** Is anything known of it still? */
export const isAlive = (terminal: Terminal, at: number): boolean => isFresh(seenAt(terminal), at);

const isRecent = (terminal: Terminal, at: number): boolean => at - seenAt(terminal) <= RECENT_US;

/** The systems that it may have. */
export const openSystems = ({ handset, agent, agentAt, syn, synAt }: Terminal, at: number): OsSet =>
  (handset?.systems ?? anyOs) & (isFresh(agentAt, at) ? agent : anyOs) & (isFresh(synAt, at) ? syn : anyOs);

/** Stands for more than one. */
export const several = newTerminal();

/** The only one of which something is known still and that may have one of the systems; `several` if there are more. */
export const soleTerminal = (terminals: readonly Terminal[], systems: OsSet, at: number): Terminal | undefined => {
  let sole: Terminal | undefined;
  for (const terminal of terminals) {
    if (!isAlive(terminal, at) || (openSystems(terminal, at) & systems) === 0) continue;
    if (sole !== undefined) return several;
    sole = terminal;
  }
  return sole;
};

/** The only one seen lately, else the one seen last of which something is known still; `several` if more were lately. */
export const latestTerminal = (terminals: readonly Terminal[], at: number): Terminal | undefined => {
  let latest: Terminal | undefined;
  for (const terminal of terminals) {
    if (!isAlive(terminal, at)) continue;
    if (latest !== undefined && isRecent(latest, at) && isRecent(terminal, at)) return several;
    if (latest === undefined || seenAt(terminal) > seenAt(latest)) latest = terminal;
  }
  return latest;
};

/** The strongest evidence that leaves not all systems open. */
export const sourceOf = ({ handset, agent, agentAt }: Terminal, at: number): OsSource => {
  if (handset !== undefined && handset.systems !== anyOs) return 'tac';
  return agent !== anyOs && isFresh(agentAt, at) ? 'user-agent' : 'syn';
};

/** Its model, '' while that is not certain. */
export const deviceOf = ({ handset, device, deviceAt, mixedAt }: Terminal, at: number): string =>
  handset?.device ?? (isFresh(deviceAt, at) && at - mixedAt > RECENT_US ? device : '');

/** It sent a SYN that fits what is known of it. */
export const noteSyn = (terminal: Terminal, systems: OsSet, at: number): void => {
  terminal.syn = systems & (isFresh(terminal.synAt, at) ? terminal.syn : anyOs);
  terminal.synAt = at;
};

/** It sent a User-Agent that fits what is known of it. */
export const noteAgent = (terminal: Terminal, { systems, device }: UserAgent, at: number): void => {
  terminal.agent = systems & (isFresh(terminal.agentAt, at) ? terminal.agent : anyOs);
  terminal.agentAt = at;
  if (device === '') return;
  const known = isFresh(terminal.deviceAt, at) ? terminal.device : '';
  // One device names itself at more or less length; two differ.
  if (!device.includes(known) && !known.includes(device)) terminal.mixedAt = at;
  if (!known.includes(device)) terminal.device = device;
  terminal.deviceAt = at;
};
