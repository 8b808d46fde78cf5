/** An import as the program makes it, whose sealed batches go to a sink of one's own. */
import { Catalog } from '../dist/catalog/catalog.js';
import { loadRuleFiles } from '../dist/catalog/load-rule-files.js';
import { openAddressDatabase } from '../dist/enrich/address-database.js';
import { defaultLocalNets } from '../dist/packet/address-set.js';
import { importCaptures } from '../dist/pipeline/import-captures.js';
import { keyOf } from '../dist/privacy/key.js';

/** Imports captures as one stream. `sink.write` takes each batch. */
export const importInto = async (inputs, sink) => {
  const stream = { inputs, name: 'bench', sha256: '0'.repeat(64), byteCount: Number.POSITIVE_INFINITY };
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
  return importCaptures(stream, options, sink);
};
