/** Packets that a live capture lost, by where they were lost. */
import { readFile } from 'node:fs/promises';

/** A number that nobody tells is left out. */
export interface Losses {
  /** By the kernel, because the capturing program did not take them in time. */
  readonly kernel?: number;
  /** By the interface or its driver. */
  readonly interface?: number;
  /** By the capturing program. */
  readonly program?: number;
}

/** What dumpcap says at its end, a line an interface. */
const dumpcap = /\(pcap:(\d+)\/dumpcap:(\d+)\/flushed:(\d+)\/ps_ifdrop:(\d+)\)/g;
/** What tcpdump says at its end, and whenever it is asked. */
const tcpdumpKernel = /(\d+) packets? dropped by kernel/g;
const tcpdumpInterface = /(\d+) packets? dropped by interface/g;

const numberOf = (found: RegExpMatchArray | undefined, group: number): number => Number(found?.[group] ?? 0);

/** Reads the messages of dumpcap or tcpdump; undefined if they say nothing of losses. */
export const parseLosses = (messages: string): Losses | undefined => {
  const lines = [...messages.matchAll(dumpcap)];
  if (lines.length > 0) {
    const sum = (...groups: readonly number[]): number =>
      lines.reduce((total, line) => total + groups.reduce((part, group) => part + numberOf(line, group), 0), 0);
    return { kernel: sum(1), program: sum(2, 3), interface: sum(4) };
  }
  const kernel = [...messages.matchAll(tcpdumpKernel)].at(-1);
  if (kernel === undefined) return undefined;
  // It speaks of the interface only if that dropped any.
  const last = [...messages.matchAll(tcpdumpInterface)].at(-1);
  return { kernel: numberOf(kernel, 1), ...(last === undefined ? {} : { interface: numberOf(last, 1) }) };
};

/** Packets that Linux says the interface lost since it is up, as libpcap counts them; undefined if it says nothing. */
export const readInterfaceDrops = async (name: string): Promise<number | undefined> => {
  // The name of an interface is a file name; what is none must not lead elsewhere.
  if (!/^[\w.:@-]+$/.test(name) || name.startsWith('.')) return undefined;
  let sum: number | undefined;
  for (const counter of ['rx_missed_errors', 'rx_fifo_errors']) {
    const text = await readFile(`/sys/class/net/${name}/statistics/${counter}`, 'utf8').catch(() => '');
    if (/^\d+\n$/.test(text)) sum = (sum ?? 0) + Number(text);
  }
  return sum;
};

/** All of them; undefined if nothing is known. */
export const totalLosses = ({ kernel, interface: ofInterface, program }: Losses): number | undefined => {
  const known = [kernel, ofInterface, program].filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, count) => sum + count, 0);
};
