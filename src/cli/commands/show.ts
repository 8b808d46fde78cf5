/** `sonde show`: an analysis in the terminal. */
import { type Command, InvalidArgumentError } from 'commander';
import { analyses } from '../../analysis/index.ts';
import { runAnalysis } from '../../analysis/run-analysis.ts';
import type { CommonOptions, RangeOptions } from '../command-line.ts';
import { resolveRange, withFormat, withRange, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { type LocationOptions, locationOf, withLocation } from '../location-options.ts';
import { provenanceOf, useQuery } from '../query-of.ts';
import type { RowFormat } from '../rows-output.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { writeCards } from '../write-cards.ts';

type Options = CommonOptions & RangeOptions & LocationOptions & { readonly format: RowFormat };

const toCamelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Adds a subcommand an analysis. */
export const addTo = (show: Command, terminal: Terminal, done: Done): void => {
  for (const analysis of analyses) {
    const command = withFormat(withRange(withStore(show.command(analysis.name))))
      .description(analysis.question)
      .argument('[service]', 'a service by its name; without it, all traffic');
    for (const { name, doc, initial } of analysis.options) {
      const parse = (text: string): number => {
        if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It takes a whole number.');
        return Number(text);
      };
      command.option(`--${name.replaceAll('_', '-')} <n>`, doc, parse, initial);
    }
    if (analysis.locates) withLocation(command);
    command.action(async (service: string | undefined, options: Options & Record<string, unknown>) => {
      const range = resolveRange(options, terminal.now());
      await useSnapshot(options, terminal, done, async (snapshot) => {
        const given = Object.fromEntries(
          analysis.options.map(({ name }) => [name, options[toCamelCase(name)] as number]),
        );
        await useQuery(snapshot, async (query) => {
          const provenance = await provenanceOf(snapshot, query);
          const scope = { ...range, ...locationOf(options), service, provenance };
          const cards = await runAnalysis(analysis, query, scope, given);
          await writeCards(cards, options.format, range.timezone, terminal);
        });
      });
    });
  }
};
