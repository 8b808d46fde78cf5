/** The programs that read a trace in the benchmark of the probe: ours and its peers. */
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../scripts/house.mjs';

/**
 * The command of each, by name. They write below `folder`, each call to a place of its own.
 *
 * @param discardPort a UDP port whose datagrams are thrown away, for who exports
 */
export const contendersIn = (folder, discardPort) => {
  const fresh = () => mkdtempSync(join(folder, 'run-'));
  return {
    'Sonde, to batches': (trace) => [process.execPath, join(root, 'bench/probe-to-batches.mjs'), trace],
    'Sonde, stored': (trace) => [
      process.execPath,
      ...[join(root, 'bin/sonde.js'), 'import', trace, '--db', join(fresh(), 'store'), '-q'],
    ],
    // Its default of 8192 flows would evict most of the trace's.
    softflowd: (trace) => [
      ...['softflowd', '-r', trace, '-n', `127.0.0.1:${discardPort}`, '-d', '-6', '-v', '9', '-m', '1000000'],
      ...['-p', join(fresh(), 'softflowd.pid'), '-c', 'none'],
    ],
    nfpcapd: (trace) => ['nfpcapd', '-r', trace, '-w', fresh()],
    ndpiReader: (trace) => ['ndpiReader', '-i', trace, '-q'],
    tshark: (trace) => ['tshark', '-r', trace, '-q', '-z', 'conv,tcp', '-z', 'conv,udp'],
  };
};
