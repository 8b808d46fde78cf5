/** `sonde lab`: what a tester did, against the names that a capture shows meanwhile. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { getDomainWithoutSuffix } from 'tldts';
import { counted, formatValue } from '../../analysis/format.ts';
import { parseActions } from '../../analysis/lab/action.ts';
import type { Assignment } from '../../analysis/lab/assign.ts';
import { examineLab, type LabOptions, type LabResult } from '../../analysis/lab/examine-lab.ts';
import { labCard } from '../../analysis/lab/lab-card.ts';
import { transfersQuery } from '../../analysis/lab/transfer.ts';
import { examplesOf } from '../../analysis/names/scheme-card.ts';
import { toRulePattern } from '../../analysis/names/template.ts';
import type { Row } from '../../analysis/query.ts';
import { SondeError } from '../../kit/errors.ts';
import { SECOND } from '../../kit/time.ts';
import { formatAddress, parseAddress } from '../../packet/address.ts';
import { openStore } from '../../store/index.ts';
import { say, whole, withFormat } from '../command-line.ts';
import { defaultFlags } from '../default-flags.ts';
import { describeImport } from '../describe-import.ts';
import type { Done } from '../done.ts';
import { type DraftRule, draftRules } from '../draft-rules.ts';
import { ExitCode } from '../exit-code.ts';
import { startImporter } from '../importer.ts';
import { startProgress } from '../progress.ts';
import type { RowFormat } from '../rows-output.ts';
import { positive } from '../shape-options.ts';
import type { Terminal } from '../terminal.ts';
import { whileOpen } from '../use-snapshot.ts';
import { warnOnce } from '../warn-once.ts';
import { writeCards } from '../write-cards.ts';
import { writeWholeFile } from '../write-whole-file.ts';

interface Options {
  readonly output?: string;
  readonly service?: string;
  readonly window: number;
  readonly offset?: number;
  readonly mostOffset: number;
  readonly client?: string;
  readonly least: number;
  readonly quiet?: true;
  readonly format: RowFormat;
}

const seconds = (text: string): number => {
  if (!/^[+-]?\d{1,9}(\.\d{1,6})?$/.test(text)) throw new InvalidArgumentError('It takes a number of seconds.');
  return Math.round(Number(text) * SECOND);
};

/** As the table of flows writes it. */
const address = (text: string): string => {
  const bytes = parseAddress(text);
  if (bytes === undefined) throw new InvalidArgumentError('It takes an IP address.');
  return formatAddress(bytes);
};

const readActions = async (file: string) => {
  const text = await readFile(file, 'utf8').catch((cause) => {
    throw new SondeError('SONDE_INPUT_UNREADABLE', 'the file cannot be read', { file }, 'check the path', cause);
  });
  return parseActions(file, text);
};

/** The transfers of a capture, which passes through a store of its own that is gone afterwards. */
const readTransfers = async (
  capture: string,
  { client = '', quiet }: Options,
  sql: string,
  terminal: Terminal,
  done: Done,
): Promise<readonly Row[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-lab-'));
  try {
    const db = join(folder, 'store');
    // Nothing of it is kept, so nothing has to be hidden; the key is one that nobody has.
    const flags = { ...defaultFlags, db, vantage: 'lab', keepAddresses: true, keyFile: join(folder, 'key') } as const;
    const progress = startProgress(terminal, quiet === true);
    const importer = await startImporter(flags, terminal.env, progress, warnOnce(terminal));
    const imported = await importer.add(capture);
    say(terminal, quiet ? { quiet } : {}, describeImport(imported));
    if (imported.summary?.results.some(({ broken }) => broken !== undefined)) done(ExitCode.PARTIAL);
    const rows: Row[] = [];
    await whileOpen(await (await openStore(db)).snapshot(), terminal, done, async (snapshot) => {
      rows.push(...(await (await snapshot.query(sql, { client })).rows()));
    });
    return rows;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const toDraftRule = ({ track, answer, class: name, besides }: Assignment): DraftRule | undefined => {
  const pattern = track.scheme && toRulePattern(track.scheme.template);
  if (pattern === undefined) return undefined;
  const seen = ({ hits, kind }: NonNullable<typeof answer>): string =>
    `${kind.action} ${hits} of ${counted(kind.times.length, 'time')}`;
  const own =
    answer === undefined
      ? 'Answers several actions alike'
      : `Answers ${seen(answer)} (by chance ${formatValue('share', answer.chance)}, sure ${formatValue('share', answer.confidence)})`;
  const others = besides.length === 0 ? '' : `; besides ${besides.map(seen).join(', ')}`;
  return {
    class: name,
    kind: pattern.kind,
    pattern: pattern.text,
    note: `${own}${others}. ${counted(track.scheme!.names.length, 'name')}, ${track.ports.join(', ')}.`,
    examples: examplesOf(track.scheme!.names),
  };
};

/** The word before the public suffix of the domain to which most of the templates belong. */
const serviceOf = ({ assignments }: LabResult): string => {
  const votes = new Map<string, number>();
  for (const { track } of assignments) {
    const word = track.scheme === undefined ? null : getDomainWithoutSuffix(track.scheme.domain);
    if (word) votes.set(word, (votes.get(word) ?? 0) + 1);
  }
  return [...votes].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))[0]?.[0] ?? 'draft';
};

const writeDraft = async (
  output: string,
  service: string | undefined,
  result: LabResult,
  source: string,
): Promise<string> => {
  const rules = result.assignments.flatMap((assignment) => toDraftRule(assignment) ?? []);
  if (rules.length === 0)
    throw new SondeError(
      'SONDE_NOT_FOUND',
      'no name answers an action, so there is no rule to write',
      { file: output },
      'see the table',
    );
  const draft = draftRules(service ?? serviceOf(result), source, rules);
  await writeWholeFile(output, (aside) => writeFile(aside, draft.text));
  const left = draft.leftOut > 0 ? `, ${draft.leftOut} left out whose patterns rule files do not allow` : '';
  return `${output}: a draft of ${counted(draft.rules, 'rule')}${left}; check it: sonde services check ${output}`;
};

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withFormat(command)
    .argument('<actions>', 'what the tester did: CSV with at,action[,until][,class], or NDJSON')
    .argument('<capture>', 'pcap or pcapng of the same time')
    .option('-o, --output <file>', 'rule file to write, a draft')
    .option('--service <name>', 'service of that file; by default after the domain of most names')
    .option('--window <seconds>', 'how long after an action its answer may begin', positive, 10)
    .option('--offset <seconds>', 'what to add to the times of the tester; estimated by default', seconds)
    .option('--most-offset <seconds>', 'the largest offset that is tried, up to 3600', positive, 120)
    .option('--client <address>', 'address of the telephone; all clients by default', address)
    .option('--least <n>', 'distinct numbers that make a blank in a template', whole(1), 2)
    .option('-q, --quiet', 'no progress and no messages')
    .action(async (actionFile: string, capture: string, options: Options) => {
      const actions = await readActions(actionFile);
      const sql = await transfersQuery();
      const rows = await readTransfers(capture, options, sql, terminal, done);
      const labOptions: LabOptions = {
        windowUs: options.window * SECOND,
        mostOffsetUs: options.mostOffset * SECOND,
        least: Math.max(2, options.least),
        ...(options.offset === undefined ? {} : { offsetUs: options.offset }),
      };
      const result = examineLab(actions, rows, labOptions);
      const { quiet } = options;
      if (result.warning !== undefined) terminal.err(`sonde: ${result.warning}\n`);
      const source = `Actions of ${basename(actionFile)}, capture ${basename(capture)}`;
      const again = `sonde lab ${basename(actionFile)} ${basename(capture)} --window ${options.window} --offset ${(result.offsetUs / SECOND).toFixed(1)}`;
      await writeCards([labCard(result, `${source}.`, again, sql)], options.format, 'UTC', terminal);
      if (options.output !== undefined)
        say(
          terminal,
          quiet ? { quiet } : {},
          await writeDraft(options.output, options.service, result, `${source}; ${again}`),
        );
    });
};
