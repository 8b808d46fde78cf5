/** The options of an import with which benchmarks run: those of the program by default. */
import { Catalog } from '../dist/catalog/catalog.js';
import { loadRuleFiles } from '../dist/catalog/load-rule-files.js';
import { defaultFlags } from '../dist/cli/default-flags.js';
import { openAddressDatabase } from '../dist/enrich/address-database.js';
import { SECOND } from '../dist/kit/time.js';
import { defaultLocalNets } from '../dist/packet/address-set.js';
import { keyOf } from '../dist/privacy/key.js';

export const labelOptions = {
  source: 'bench',
  vantage: 'bench',
  tcpIdleUs: defaultFlags.tcpIdle * SECOND,
  udpIdleUs: defaultFlags.udpIdle * SECOND,
  synIdleUs: defaultFlags.synIdle * SECOND,
  burstIdleUs: defaultFlags.burstIdle * SECOND,
  maxFlows: defaultFlags.maxFlows,
  gtpPorts: defaultFlags.gtpPorts,
  localNets: defaultLocalNets,
  catalog: new Catalog(loadRuleFiles(['services'])),
  addresses: await openAddressDatabase(),
  key: keyOf(new Uint8Array(32)),
  keepAddresses: false,
  keepQuery: false,
};
