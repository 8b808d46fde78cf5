/** `sonde services`: the rules, and what they say of a name. */
import { type Command, InvalidArgumentError } from 'commander';
import { firstHolding } from '../../catalog/catalog.ts';
import type { Rule } from '../../catalog/rule.ts';
import { DAY } from '../../kit/time.ts';
import { withFormat } from '../command-line.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { loadCatalog } from '../load-catalog.ts';
import { parseInstant } from '../parse-instant.ts';
import { type OutputColumn, type RowFormat, writeRows } from '../rows-output.ts';
import type { Terminal } from '../terminal.ts';

const text = (name: string): OutputColumn => ({ name, kind: 'text' });
const count = (name: string): OutputColumn => ({ name, kind: 'count' });

const toDate = (at: number): string =>
  Number.isFinite(at) ? new Date((Math.floor(at / DAY) * DAY) / 1000).toISOString().slice(0, 10) : '';

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('It takes a port number.');
  return port;
};

interface RuleOptions {
  readonly rules?: readonly string[];
  readonly format: RowFormat;
}

/** Adds arguments, options and action to the command. */
export const addTo = (services: Command, terminal: Terminal, done: Done): void => {
  withFormat(services.command('list'))
    .description('the services and their rules')
    .option('--rules <path...>', 'more rule files or folders')
    .action(async (options: RuleOptions) => {
      const rows = loadCatalog(options.rules).files.map(({ service, title, file, rules }) => ({
        service,
        title,
        rules: rules.length,
        classes: [...new Set(rules.map((rule) => rule.class))].join(' '),
        file,
      }));
      const columns = [text('service'), text('title'), count('rules'), text('classes'), text('file')];
      await writeRows(columns, [rows], options.format, terminal.out, terminal.width);
    });

  withFormat(services.command('test'))
    .description('the rules that claim a name, the one that decides first')
    .argument('<name>', 'a host name')
    .option('--rules <path...>', 'more rule files or folders')
    .option('--at <time>', 'the time asked about; now by default')
    .option('--port <port>', 'server port, for rules that ask for one', parsePort)
    .option('--protocol <name>', 'tcp or udp, for rules that ask for one')
    .action(async (name: string, options: RuleOptions & { at?: string; port?: number; protocol?: string }) => {
      const at = options.at === undefined ? terminal.now().getTime() * 1000 : parseInstant(options.at, terminal.now());
      const matches = loadCatalog(options.rules).matchesOf(name);
      const winner = firstHolding(matches, at, options.port, options.protocol);
      const verdictOf = (rule: Rule): string => {
        if (rule === winner) return 'decides';
        return firstHolding([rule], at, options.port, options.protocol) === rule ? 'yields' : 'does not hold';
      };
      const rows = matches.map((rule) => ({
        verdict: verdictOf(rule),
        service: rule.service,
        class: rule.class,
        rule: rule.rule,
        from: toDate(rule.validFrom),
        until: toDate(rule.validUntil),
        source: rule.source,
      }));
      const columns = ['verdict', 'service', 'class', 'rule', 'from', 'until', 'source'].map(text);
      await writeRows(columns, [rows], options.format, terminal.out, terminal.width);
      if (winner === undefined) {
        terminal.err(`sonde: no rule owns ${name}\n`);
        done(ExitCode.FAILURE);
      }
    });
};
