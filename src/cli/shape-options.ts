/** The options that shape rows, for every command that reads packets. */
import { type Command, InvalidArgumentError } from 'commander';
import { defaultFlags } from './default-flags.ts';

export const positive = (text: string): number => {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError('It takes a number above 0.');
  return value;
};

const ports = (text: string): readonly number[] => {
  const numbers = text.split(',').map(Number);
  if (!numbers.every((port) => Number.isInteger(port) && port > 0 && port < 0x1_0000)) {
    throw new InvalidArgumentError('It takes UDP ports, separated by commas.');
  }
  return numbers;
};

/** The options that say how rows are labelled. */
export const withLabels = (command: Command): Command =>
  command
    .option('--keep-addresses', 'store raw addresses in place of pseudonyms: for a lab or a test')
    .option('--local-nets <blocks>', 'address blocks of subscribers, separated by commas; private ones by default')
    .option('--rules <path...>', 'more rule files or folders, besides those that come with sonde')
    .option('--as-database <csv>', 'dated networks that overlay the default: prefix,asn,org,from,until')
    .option('--key-file <path>', 'pseudonym key, made at first use');

export const withShape = (command: Command): Command =>
  withLabels(command.option('--vantage <name>', 'name of the place that measured', 'local'))
    .option('--keep-query', 'store the queries of HTTP requests with their paths: they hold secrets')
    .option('--tac <csv>', 'handsets by the first 8 digits of their IMEI: tac,brand,model[,os]')
    .option('--tcp-idle <seconds>', 'silence that ends a TCP flow', positive, defaultFlags.tcpIdle)
    .option('--udp-idle <seconds>', 'silence that ends any other flow', positive, defaultFlags.udpIdle)
    .option('--syn-idle <seconds>', 'silence that ends an unanswered SYN', positive, defaultFlags.synIdle)
    .option(
      '--burst-idle <seconds>',
      'silence that ends a burst of payload inside a flow',
      positive,
      defaultFlags.burstIdle,
    )
    .option('--max-flows <n>', 'live flows held at once', positive, defaultFlags.maxFlows)
    .option<readonly number[]>(
      '--gtp-ports <ports>',
      'UDP ports of the GTP user plane, separated by commas',
      ports,
      defaultFlags.gtpPorts,
    );
