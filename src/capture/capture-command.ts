/** How dumpcap and tcpdump are asked to capture into a pipe. */

export const capturePrograms = ['dumpcap', 'tcpdump'] as const;

export interface CaptureCommand {
  readonly program: (typeof capturePrograms)[number];
  readonly interface: string;
  /** In the language of pcap-filter(7). */
  readonly filter?: string;
  /** Bytes kept of a packet. */
  readonly snaplen?: number;
  /** Packets after which it ends. */
  readonly packets?: number;
  /** MiB in the kernel for what the program has not taken yet. */
  readonly bufferMb: number;
}

const option = (name: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [name, String(value)];

/** The arguments. A word from outside is the value of an option, or stands behind `--`: it cannot be an option. */
export const captureArguments = (command: CaptureCommand): readonly string[] => {
  const { program, filter, snaplen, packets, bufferMb } = command;
  const common = ['-i', command.interface, '-w', '-', ...option('-s', snaplen), ...option('-c', packets)];
  return program === 'dumpcap'
    ? ['-q', ...common, '-B', String(bufferMb), ...option('-f', filter)]
    : // Each packet is written when it comes, and names are not looked up. Its buffer is in KiB.
      [...common, '-B', String(bufferMb * 1024), '-U', '-n', ...(filter === undefined ? [] : ['--', filter])];
};
