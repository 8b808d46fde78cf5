/** What the probe and the labellers cost without the store: imports a capture and throws the sealed batches away. */
import { Catalog } from '../dist/catalog/catalog.js';
import { loadRuleFiles } from '../dist/catalog/load-rule-files.js';
import { openAddressDatabase } from '../dist/enrich/address-database.js';
import { defaultLocalNets } from '../dist/packet/address-set.js';
import { importCaptures } from '../dist/pipeline/import-captures.js';
import { keyOf } from '../dist/privacy/key.js';

const [capture] = process.argv.slice(2);
const stream = { inputs: [capture], name: 'bench', sha256: '0'.repeat(64), byteCount: Number.POSITIVE_INFINITY };
const options = {
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
};
await importCaptures(stream, options, { write: async () => {} });
