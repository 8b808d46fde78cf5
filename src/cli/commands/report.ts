/** `sonde report`: the study of a service as one page. */
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { writeReport } from '../../report/write-report.ts';
import type { CommonOptions, RangeOptions } from '../command-line.ts';
import { resolveRange, say, withRange, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { type LocationOptions, locationOf, withLocation } from '../location-options.ts';
import { provenanceOf, useQuery } from '../query-of.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';

type Options = CommonOptions & RangeOptions & LocationOptions & { readonly output: string };

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withLocation(withRange(withStore(command)))
    .argument('<service>', 'a service by its name: `sonde services list` tells them')
    .requiredOption('-o, --output <folder>', 'folder for index.html')
    .action(async (service: string, options: Options) => {
      const range = resolveRange(options, terminal.now());
      await useSnapshot(options, terminal, done, async (snapshot) => {
        await useQuery(snapshot, async (query) => {
          const provenance = await provenanceOf(snapshot, query);
          const scope = { ...range, ...locationOf(options), service, provenance };
          const { path } = await writeReport({ folder: options.output, query, scope });
          terminal.out(`${path}\n`);
          say(terminal, options, `open it: ${pathToFileURL(path).href}`);
        });
      });
    });
};
