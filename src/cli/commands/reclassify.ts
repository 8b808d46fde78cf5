/** `sonde reclassify`: the labels of what is stored, by the rules and the address databases of now. */
import type { Command } from 'commander';
import { counted } from '../../analysis/format.ts';
import { openAddressDatabase } from '../../enrich/address-database.ts';
import { defaultLocalNets, parseNets } from '../../packet/address-set.ts';
import { labels, relabelRows } from '../../pipeline/relabel.ts';
import { defaultKeyPath, loadKey } from '../../privacy/key.ts';
import type { Store } from '../../store/index.ts';
import { counters, runs } from '../../tickets/index.ts';
import { type CommonOptions, say, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { loadCatalog } from '../load-catalog.ts';
import { openFolderOf } from '../open-store.ts';
import { withLabels } from '../shape-options.ts';
import type { Terminal } from '../terminal.ts';
import type { ShapeFlags } from '../workspace.ts';

type Options = CommonOptions & Pick<ShapeFlags, 'keepAddresses' | 'localNets' | 'rules' | 'asDatabase' | 'keyFile'>;

/** What does not follow by itself. */
const left = async (store: Store): Promise<readonly string[]> => {
  const snapshot = await store.snapshot();
  const isFilled = (name: string): boolean => snapshot.segmentsOf(name).length > 0;
  await snapshot.close();
  return [
    ...(isFilled(counters.name)
      ? ['counters keep the labels that they were counted by, and so does the volume over time']
      : []),
    ...(isFilled(runs.name) ? ['sonde jobs run brings the tables of jobs up to date'] : []),
  ];
};

/** Adds options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, _done: Done): void => {
  withLabels(withStore(command)).action(async (options: Options) => {
    const { asDatabase, keepAddresses, localNets } = options;
    const catalog = loadCatalog(options.rules);
    const addresses = await openAddressDatabase(asDatabase === undefined ? {} : { overlay: asDatabase });
    const store = await openFolderOf(options, terminal.env);
    // Neither a store nor a key is to be made for it.
    if ((await store.inventory()).every(({ version }) => version < 0)) {
      say(terminal, options, 'nothing is stored');
      return;
    }
    const key = loadKey({ path: options.keyFile ?? defaultKeyPath() });
    await store.bindKey(key.fingerprint);
    const relabel = {
      catalog,
      addresses,
      key,
      keepAddresses: keepAddresses === true,
      localNets: localNets === undefined ? defaultLocalNets : parseNets(localNets.split(',')),
    };
    const rewritten = await store.rewrite({
      operation: 'RECLASSIFY',
      tables: Object.keys(labels),
      begin: (interner) => relabelRows(relabel, interner),
    });
    const parts = rewritten.flatMap(({ table, segments, rows }) =>
      segments === 0 ? [] : [`${table}: ${counted(rows, 'row')} in ${counted(segments, 'segment')}`],
    );
    const done = parts.length === 0 ? 'nothing to change' : `rewritten: ${parts.join('; ')}`;
    say(terminal, options, `${done}; rules ${catalog.version}, networks ${addresses.version}`);
    if (parts.length > 0) for (const text of await left(store)) say(terminal, options, text);
  });
};
