/** A network of its own for a test: two ends of a cable in a namespace, over which nothing passes but what the test sends. */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { hasProgram } from './needs.ts';

const execFileAsync = promisify(execFile);

/** Root, a kernel with namespaces, and the programs that send and capture. */
export const hasNetwork =
  process.getuid?.() === 0 && ['ip', 'tcpreplay', 'dumpcap', 'tcpdump'].every((program) => hasProgram(program));

export interface Network {
  /** What a command is to run under to be in the namespace. */
  readonly under: readonly string[];
  /** The end of the cable at which packets arrive. */
  readonly interface: string;
  /** Sends a capture into the other end; resolves to how many packets were sent. */
  send(capture: string, ...options: readonly string[]): Promise<number>;
  /** Takes the cable away, with its ends. */
  cut(): void;
  remove(): void;
}

let networks = 0;

/** Frames of up to 9,000 bytes fit. IPv6 is off, or the kernel would look for routers by itself. */
export const makeNetwork = (): Network => {
  const name = `sonde-test-${process.pid}-${networks++}`;
  const ip = (...args: readonly string[]): void => {
    execFileSync('ip', args);
  };
  const under = ['ip', 'netns', 'exec', name];
  ip('netns', 'add', name);
  try {
    execFileSync(under[0]!, [...under.slice(1), 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6']);
    ip('-n', name, 'link', 'add', 'send0', 'mtu', '9000', 'type', 'veth', 'peer', 'name', 'tap0', 'mtu', '9000');
    for (const end of ['send0', 'tap0']) ip('-n', name, 'link', 'set', end, 'up');
  } catch (error) {
    ip('netns', 'del', name);
    throw error;
  }
  return {
    under,
    interface: 'tap0',
    async send(capture, ...options) {
      const [program, ...args] = [...under, 'tcpreplay', '-i', 'send0', ...options, capture];
      const { stdout } = await execFileAsync(program!, args);
      return Number(/Successful packets:\s+(\d+)/.exec(stdout)?.[1]);
    },
    cut: () => ip('-n', name, 'link', 'del', 'send0'),
    remove: () => ip('netns', 'del', name),
  };
};
