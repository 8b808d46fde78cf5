/** The options of an import with which benchmarks run: those of the program by default. */
import { Catalog } from '../dist/catalog/catalog.js';
import { loadRuleFiles } from '../dist/catalog/load-rule-files.js';
import { openAddressDatabase } from '../dist/enrich/address-database.js';
import { defaultLocalNets } from '../dist/packet/address-set.js';
import { keyOf } from '../dist/privacy/key.js';

export const labelOptions = {
  source: 'bench',
  vantage: 'bench',
  tcpIdleUs: 1800e6,
  udpIdleUs: 180e6,
  synIdleUs: 30e6,
  burstIdleUs: 1e6,
  maxFlows: 1 << 20,
  localNets: defaultLocalNets,
  catalog: new Catalog(loadRuleFiles(['services'])),
  addresses: await openAddressDatabase(),
  key: keyOf(new Uint8Array(32)),
  keepAddresses: false,
  keepQuery: false,
};
