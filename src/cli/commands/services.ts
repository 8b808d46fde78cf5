/** `sonde services`: the rules, what they say of a name, a payload or a port, and what is wrong with them. */
import { type Command, InvalidArgumentError } from 'commander';
import { counted } from '../../analysis/format.ts';
import { type Catalog, firstHolding } from '../../catalog/catalog.ts';
import { checkRules } from '../../catalog/check-rules.ts';
import { faults } from '../../catalog/finding.ts';
import { describeRule, kindOfRule, type Rule } from '../../catalog/rule.ts';
import { SondeError } from '../../kit/errors.ts';
import { DAY } from '../../kit/time.ts';
import { say, whole, withFormat } from '../command-line.ts';
import type { Done } from '../done.ts';
import { ExitCode } from '../exit-code.ts';
import { loadCatalog } from '../load-catalog.ts';
import { parseInstant } from '../parse-instant.ts';
import { count, type RowFormat, text, writeRows } from '../rows-output.ts';
import type { Terminal } from '../terminal.ts';
import { unusedRules } from '../unused-rules.ts';
import { useSnapshot } from '../use-snapshot.ts';

const toDate = (at: number): string =>
  Number.isFinite(at) ? new Date((Math.floor(at / DAY) * DAY) / 1000).toISOString().slice(0, 10) : '';

const parsePort = (text: string): number => {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) throw new InvalidArgumentError('It takes a port number.');
  return port;
};

const parseAsn = (text: string): number => {
  if (!/^(?:AS)?\d{1,10}$/i.test(text)) throw new InvalidArgumentError('It takes the number of an autonomous system.');
  return Number(text.replace(/^AS/i, ''));
};

const parsePayload = (text: string): Uint8Array => {
  const digits = text.replaceAll(/\s/g, '');
  if (!/^(?:[0-9a-f]{2})+$/i.test(digits)) throw new InvalidArgumentError('It takes bytes in hexadecimal.');
  return Buffer.from(digits, 'hex');
};

interface RuleOptions {
  readonly rules?: readonly string[];
  readonly format: RowFormat;
}

interface CheckOptions {
  readonly db?: string;
  readonly days: number;
  readonly quiet?: true;
  readonly format: RowFormat;
}

const DEFAULT_DAYS = 30;

/** For a terminal: what fits, the rest is in the other formats. */
const briefColumns: ReadonlySet<string> = new Set(['finding', 'rule', 'claim', 'by', 'shows']);

const check = async (
  paths: readonly string[],
  { db, days, quiet, format }: CheckOptions,
  terminal: Terminal,
  done: Done,
): Promise<void> => {
  const catalog = loadCatalog(paths);
  const findings = checkRules(catalog, terminal.now().getTime() * 1000);
  if (db !== undefined) {
    await useSnapshot({ db }, terminal, done, async (snapshot) => {
      const unused = await unusedRules(snapshot, catalog, days);
      if (unused === undefined) {
        terminal.err('sonde: no flow was labelled by these rules: `sonde reclassify` labels those that are there\n');
      }
      findings.push(...(unused ?? []));
    });
  }
  const rows = findings.map(({ kind, rule, claim, other, witness }) => ({
    verdict: faults.has(kind) ? 'fault' : 'note',
    finding: kind,
    service: rule.service,
    class: rule.class,
    rule: rule.rule,
    claim,
    by: other?.rule ?? '',
    shows: witness,
  }));
  const columns = ['verdict', 'finding', 'service', 'class', 'rule', 'claim', 'by', 'shows'].map(text);
  const shown = format === 'table' ? columns.filter(({ name }) => briefColumns.has(name)) : columns;
  if (rows.length > 0 || format !== 'table') await writeRows(shown, [rows], format, terminal.out, terminal.width);
  const faulty = rows.filter(({ verdict }) => verdict === 'fault').length;
  const ruleCount = catalog.files.reduce((sum, { rules }) => sum + rules.length, 0);
  say(
    terminal,
    quiet ? { quiet } : {},
    `${catalog.files.length} files, ${ruleCount} rules: ${counted(faulty, 'fault')}, ${counted(rows.length - faulty, 'note')}`,
  );
  if (faulty > 0) done(ExitCode.FAILURE);
};

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
        known_by: [...new Set(rules.map(kindOfRule))].join(' '),
        file,
      }));
      const columns = [text('service'), text('title'), count('rules'), text('classes'), text('known_by'), text('file')];
      await writeRows(columns, [rows], options.format, terminal.out, terminal.width);
    });

  withFormat(services.command('test'))
    .description('the rules that claim a name, a first payload or a port, the one that decides first')
    .argument('[name]', 'a host name')
    .option('--rules <path...>', 'more rule files or folders')
    .option('--at <time>', 'the time asked about; now by default')
    .option('--payload <hex>', 'what a client sends first, in place of a name', parsePayload)
    .option('--port <port>', 'server port, for rules that ask for one; alone it is asked about itself', parsePort)
    .option('--protocol <name>', 'tcp or udp, for rules that ask for one')
    .option('--asn <number>', 'autonomous system of the server, for rules that ask for one', parseAsn)
    .action(async (name: string | undefined, options: TestOptions) => {
      const at = options.at === undefined ? terminal.now().getTime() * 1000 : parseInstant(options.at, terminal.now());
      const matches = claimsOf(loadCatalog(options.rules), name, options);
      const { port, protocol, asn } = options;
      const winner = firstHolding(matches, at, port, protocol, asn);
      const verdictOf = (rule: Rule): string => {
        if (rule === winner) return 'decides';
        return firstHolding([rule], at, port, protocol, asn) === rule ? 'yields' : 'does not hold';
      };
      const rows = matches.map((rule) => ({
        verdict: verdictOf(rule),
        service: rule.service,
        class: rule.class,
        rule: rule.rule,
        asks_for: describeRule(rule),
        from: toDate(rule.validFrom),
        until: toDate(rule.validUntil),
        source: rule.source,
      }));
      const columns = ['verdict', 'service', 'class', 'rule', 'asks_for', 'from', 'until', 'source'].map(text);
      await writeRows(columns, [rows], options.format, terminal.out, terminal.width);
      if (winner === undefined) {
        terminal.err(`sonde: no rule owns ${name ?? (options.payload ? 'the payload' : `port ${port}`)}\n`);
        done(ExitCode.FAILURE);
      }
    });

  withFormat(services.command('check'))
    .description('what is wrong with the rules: conflicts, shadowed rules, examples that others win')
    .argument('[path...]', 'more rule files or folders, besides those that come with Sonde')
    .option('--db <store>', 'a store, to find rules by which nothing was labelled of late')
    .option('--days <n>', 'how long of late is, up to the newest flow', whole(1), DEFAULT_DAYS)
    .option('-q, --quiet', 'no summary')
    .action((paths: readonly string[], options: CheckOptions) => check(paths, options, terminal, done));
};

interface TestOptions extends RuleOptions {
  readonly at?: string;
  readonly payload?: Uint8Array;
  readonly port?: number;
  readonly protocol?: string;
  readonly asn?: number;
}

/** The rules that claim what is asked about: a name, else a payload, else a port. */
const claimsOf = (catalog: Catalog, name: string | undefined, { payload, port }: TestOptions): readonly Rule[] => {
  if (name !== undefined) return catalog.matchesOf(name);
  if (payload !== undefined) return catalog.nameless.ofPayload(payload, 0, payload.length);
  if (port !== undefined) return catalog.nameless.ofPort(port);
  throw new SondeError('SONDE_USAGE', 'nothing to test', {}, 'give a name, --payload or --port');
};
