/** The manual says what is: commands that exist and parse, output as printed, codes, columns and links that are there. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Command, CommanderError } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../src/cli/main.ts';
import { errorCodes } from '../src/kit/errors.ts';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { renderDictionary } from '../src/tickets/dictionary.ts';
import { runs, tables } from '../src/tickets/index.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import {
  anchorsOf,
  commandLinesOf,
  linksOf,
  mentionsOf,
  pages,
  readPage,
  sectionsOf,
  splitWords,
  transcriptsOf,
} from './manual.ts';
import { hasSharedData, sharedData } from './needs.ts';
import { plantedMobile } from './planted-mobile.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const ignore = () => undefined;
const silent = { out: ignore, err: ignore, errIsTty: false, width: 80, env: {}, now: () => new Date(0) };

/** The commands that do something, by their words: `show coverage`. */
const leavesOf = (command: Command, words: readonly string[] = []): [string, Command][] =>
  command.commands.length === 0
    ? [[words.join(' '), command]]
    : command.commands.flatMap((child) => leavesOf(child, [...words, child.name()]));

const leaves = leavesOf(await buildProgram(silent, ignore));

const parseErrorOf = async (args: readonly string[]): Promise<CommanderError | undefined> => {
  const program = await buildProgram(silent, ignore);
  for (const [, command] of leavesOf(program)) command.action(ignore);
  try {
    await program.parseAsync(args, { from: 'user' });
    return undefined;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? undefined : error;
    throw error;
  }
};

describe('command lines', () => {
  // Brackets mark what may be left out; ANALYSIS and TABLE stand for any.
  const toArgs = (line: string): string[] => {
    const some = line.replace(/^show (ANALYSIS|NAME)/, 'show traffic').replace(/^export TABLE/, 'export flows');
    return splitWords(some.replaceAll(/[[\]]/g, ''));
  };

  test.each(pages)('of %s parse', async (page) => {
    const text = readPage(page);
    const wrong: string[] = [];
    for (const line of commandLinesOf(text)) {
      const error = await parseErrorOf(toArgs(line));
      if (error !== undefined) wrong.push(`sonde ${line}: ${error.message}`);
    }
    for (const line of mentionsOf(text)) {
      const error = await parseErrorOf(toArgs(line));
      // `sonde import` by itself names the command.
      const isName = ['commander.missingArgument', 'commander.missingMandatoryOptionValue'].includes(error?.code ?? '');
      if (error !== undefined && !(isName && !line.includes('-'))) wrong.push(`sonde ${line}: ${error.message}`);
    }
    expect(wrong).toEqual([]);
  });

  test('are found where they stand', () => {
    expect(commandLinesOf(readPage('README.md')).length).toBeGreaterThan(6);
    expect(mentionsOf(readPage('docs/70-errors.md')).length).toBeGreaterThan(2);
  });
});

describe('the page of commands', () => {
  const sections = sectionsOf(readPage('docs/50-commands.md'));
  const shared = sections.get('Options that commands share')!;

  test('has a section for each command and no others', () => {
    const groups = ['show', 'services', 'jobs', 'db'];
    const others = ['Options that commands share', 'Exit codes', 'Environment', ...groups];
    expect([...sections.keys()].filter((heading) => !others.includes(heading)).sort()).toEqual(
      leaves.map(([words]) => words).sort(),
    );
  });

  test.each(leaves)('%s: every option with its default, and no other', (words, command) => {
    const section = sections.get(words)!;
    const longs = new Set(command.options.map(({ long }) => long));
    expect(
      [...section.matchAll(/(?<![\w-])--[a-z][a-z0-9-]*/g)].map(([long]) => long).filter((one) => !longs.has(one)),
    ).toEqual([]);
    for (const { flags, short, long, defaultValue } of command.options) {
      const row = section.split('\n').find((line) => line.startsWith(`| \`${flags}\` |`));
      if (row === undefined) {
        expect(shared, `${flags} has a row`).toContain(`| \`${flags}\` |`);
        expect(section).toContain(`\`${short ?? long}\``);
      } else if (defaultValue !== undefined && long !== '--format') {
        expect(row).toMatch(new RegExp(`Default \`?${defaultValue}\\b`));
      }
    }
  });
});

describe('errors', () => {
  test('every code has a paragraph, and every paragraph a code', () => {
    expect([...sectionsOf(readPage('docs/70-errors.md')).keys()].sort()).toEqual([...errorCodes].sort());
  });

  test('every code is raised somewhere', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && file !== 'kit/errors.ts')
      .map((file) => readFileSync(join(root, 'src', file), 'utf8'))
      .join('\n');
    expect(errorCodes.filter((code) => !new RegExp(`SondeError\\(\\s*'${code}'`).test(sources))).toEqual([]);
  });
});

describe('links and paths', () => {
  test.each(pages)('links of %s lead somewhere', (page) => {
    const broken = linksOf(readPage(page))
      .filter((to) => !/^https?:/.test(to))
      .filter((to) => {
        const [path = '', anchor] = to.split('#');
        const target = path === '' ? page : normalize(join(dirname(page), path));
        if (!existsSync(join(root, target))) return true;
        return anchor !== undefined && !anchorsOf(readPage(target)).includes(anchor);
      });
    expect(broken).toEqual([]);
  });

  test.each(pages)('%s names no path of a machine', (page) => {
    expect(readPage(page)).not.toMatch(/(?<![\w.~)])\/(home|root|work|tmp|Users|var|opt|mnt|srv)\//);
  });
});

describe('the data dictionary', () => {
  const page = readPage('docs/40-data-dictionary.md');
  const [head, body] = page.split('<!-- npm run docs writes what follows -->\n');

  test('is current; else: npm run docs', () => {
    expect(body).toBe(`\n${renderDictionary([...tables, runs])}`);
  });

  describe('beside a store', () => {
    let box: Sandbox;
    const ask = async (db: string, sql: string): Promise<Record<string, string | null>[]> => {
      const { code, out, err } = await box.sonde(['query', '--db', db, '--format', 'json', sql]);
      expect([code, err]).toEqual([0, '']);
      return JSON.parse(out);
    };
    /** Columns that hold nothing in any row. */
    const emptyColumns = async (db: string, table: string): Promise<string[]> =>
      (await ask(db, `SUMMARIZE ${table}`))
        .filter(({ max, null_percentage }) => Number(null_percentage) === 100 || max === '' || max === '[]')
        .map(({ column_name }) => column_name!);
    const listed = [
      ...sectionsOf(head!)
        .get('Columns that are not filled yet')!
        .matchAll(/`([a-z_]+)`/g),
    ]
      .map(([, name]) => name!)
      .filter((name) => name in tables[0]!.columns);

    beforeAll(async () => {
      box = makeSandbox();
      writeKey(box);
      expect((await box.sonde(['demo'])).code).toBe(0);
    });
    afterAll(() => box.remove());

    test('it gives the types of the engine', async () => {
      for (const { name } of [...tables, runs]) {
        const section = sectionsOf(page).get(name)!;
        const printed = [...section.matchAll(/^\| `(\w+)` \| (\S+) \|/gm)].map(([, column, type]) => [column, type]);
        const described = await ask('sonde-demo/store', `DESCRIBE ${name}`);
        expect(printed).toEqual(described.map(({ column_name, column_type }) => [column_name, column_type]));
      }
    });

    const mobileColumns = ['up_teid', 'down_teid', 'gtp_peer', 'rat', 'cell', 'apn', 'plmn'];

    test('the columns listed as not filled are empty, and no others', async () => {
      // The demo plants no tunnel, and QUIC came later; the captures below have both.
      const notPlanted = ['tunnel', 'quic_version', ...mobileColumns];
      expect((await emptyColumns('sonde-demo/store', 'flows')).sort()).toEqual([...listed, ...notPlanted].sort());
      for (const table of ['dns', 'http', 'counters'])
        expect(await emptyColumns('sonde-demo/store', table)).toEqual([]);
    });

    test.skipIf(!hasSharedData)('they are empty with real captures of tunnels, QUIC and phones too', async () => {
      const captures = ['quic-29.pcap', 'ipv6_in_gtp.pcap', 'os_detected.pcapng', 'whatsappfiles.pcap', 'vxlan.pcap'];
      const paths = captures.map((name) => sharedData(`captures/ndpi/${name}`));
      const mobile = join(box.folder, 'mobile.pcap');
      writePcap(mobile, plantedMobile());
      await box.sonde(['import', '--db', 'real', '--keep-addresses', mobile, ...paths]);
      const empty = await emptyColumns('real', 'flows');
      expect(empty).toEqual(expect.arrayContaining(listed));
      for (const column of ['tunnel', 'quic_version', ...mobileColumns]) expect(empty).not.toContain(column);
    });

    test('the README shows what the program prints', () => expectTranscripts(box, 'README.md'));

    test.skipIf(!hasSharedData)('and so does the tutorial', async () => {
      const capture = 'whatsapp_login_call.pcap';
      copyFileSync(sharedData(`captures/ndpi/${capture}`), join(box.folder, capture));
      await expectTranscripts(box, 'docs/00-intro.md');
    });
  });
});

/** Pseudonyms in the manual are those of this key: the bytes 0 to 31. */
const writeKey = ({ env }: Sandbox): void => {
  const folder = join(env.XDG_CONFIG_HOME!, 'sonde');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'key'),
    Uint8Array.from({ length: 32 }, (_, i) => i),
    { mode: 0o600 },
  );
};

/** What any change of the rules moves: their fingerprint and the numbers of their lines. */
const withoutEdition = (text: string): string =>
  text.replaceAll(/rules [0-9a-f]{12}/g, 'rules EDITION').replaceAll(/\.yaml:\d+/g, '.yaml:LINE');

const hexId = /\b[0-9a-f]{16}\b/g;

/** Runs the commands of a page in turn. An id in the page stands for the one that is printed in its place, in later commands too. */
const expectTranscripts = async (box: Sandbox, page: string): Promise<void> => {
  const transcripts = transcriptsOf(readPage(page));
  expect(transcripts.length).toBeGreaterThan(1);
  const ids = new Map<string, string>();
  for (const { args, output } of transcripts) {
    const toActual = (text: string): string => text.replaceAll(hexId, (id) => ids.get(id) ?? id);
    const { out, err } = await box.sonde(args.map(toActual));
    const printed = withoutEdition(err + out).trimEnd();
    const expected = withoutEdition(output).trimEnd();
    const unknown = [...expected.matchAll(hexId)].map(([id]) => id);
    const pattern = expected
      .split('...')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll(hexId, '([0-9a-f]{16})'))
      .join('[^]*?');
    const match = new RegExp(`^${pattern}$`).exec(printed);
    // Compared as texts where they differ, for that is easier to read than a pattern.
    if (match === null) expect(printed).toBe(toActual(expected));
    for (const [i, id] of unknown.entries()) ids.set(id, match![i + 1]!);
  }
};
