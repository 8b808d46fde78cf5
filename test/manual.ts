/** The manual as tests see it: its pages, their sections and links, and the command lines that they show. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Paths of all pages, from the root of the checkout. */
export const pages: readonly string[] = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
  ...readdirSync(`${root}src/analysis`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('page.md'))
    .map((file) => `src/analysis/${file}`),
];

export const readPage = (page: string): string => readFileSync(root + page, 'utf8');

/** Text by heading of one level, without its subheadings' share. */
export const sectionsOf = (text: string): ReadonlyMap<string, string> =>
  new Map(
    text
      .split(/^#{2,3} /m)
      .slice(1)
      .map((section) => [section.split('\n', 1)[0]!, section] as const),
  );

/** The anchors of a page, as GitHub makes them of headings. */
export const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );

/** Targets of links and pictures. */
export const linksOf = (text: string): readonly string[] => [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to]) => to!);

const invocation = /^(?: {4}|\$ )?(?:npx |node bin\/)?sonde(?:\.js)? (.*)$/;

/** Words of a command line as a shell would split it; a comment is dropped. */
export const splitWords = (line: string): string[] =>
  [...line.replace(/ #.*$/, '').matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, bare]) => double ?? single ?? bare!,
  );

/** Command lines of `sonde` that stand in lines of their own, as the arguments after `sonde`. */
export const commandLinesOf = (text: string): readonly string[] =>
  text.split('\n').flatMap((line) => invocation.exec(line)?.[1] ?? []);

/** Those that stand in running text. */
export const mentionsOf = (text: string): readonly string[] =>
  [...text.matchAll(/(?<!`)`sonde ([^`]+)`/g)].map(([, line]) => line!);

export interface Transcript {
  /** Arguments after `sonde`. */
  readonly args: readonly string[];
  /** What is printed; `...` stands for anything. */
  readonly output: string;
}

/** The blocks marked `console`: commands after `$ `, each followed by what it prints. */
export const transcriptsOf = (text: string): readonly Transcript[] =>
  [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].flatMap(([, block]) =>
    block!
      .split(/^\$ /m)
      .slice(1)
      .map((part) => {
        const [line, ...output] = part.split('\n');
        return { args: splitWords(invocation.exec(line!)![1]!), output: output.join('\n') };
      }),
  );
