/** `sonde demo`: a planted capture, imported, looked at and reported. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { formatValue } from '../../analysis/format.ts';
import { writeReport } from '../../report/write-report.ts';
import { openStore } from '../../store/index.ts';
import { plantedOverlay } from '../../synth/hosting.ts';
import { writePcap } from '../../synth/pcap-writer.ts';
import { plantedWhatsApp } from '../../synth/planted-whatsapp.ts';
import { defaultFlags } from '../default-flags.ts';
import { startImporter } from '../importer.ts';
import { startProgress } from '../progress.ts';
import { provenanceOf, useQuery } from '../query-of.ts';
import type { Terminal } from '../terminal.ts';
import { warnOnce } from '../warn-once.ts';

const SERVICE = 'whatsapp';
const scene = { seed: 2014, clients: 60, hours: 3 };

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal): void => {
  command
    .option(
      '-o, --output <folder>',
      'folder for capture, store and report; what an earlier demo left is replaced',
      'sonde-demo',
    )
    .action(async ({ output }: { readonly output: string }) => {
      const folder = resolve(output);
      const capture = join(folder, 'planted.pcap');
      const overlay = join(folder, 'networks-2014.csv');
      const db = join(folder, 'store');
      await rm(db, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      const packets = writePcap(capture, plantedWhatsApp(scene).frames);
      await writeFile(overlay, plantedOverlay);
      terminal.out(`planted  ${formatValue('count', packets)} packets of ${scene.clients} subscribers: ${capture}\n`);

      const flags = { ...defaultFlags, db, vantage: 'demo', asDatabase: overlay };
      const importer = await startImporter(flags, terminal.env, startProgress(terminal, false), warnOnce(terminal));
      const { summary } = await importer.add(capture);
      terminal.out(`imported ${formatValue('count', summary!.rows)} rows: ${db}\n\n`);

      const store = await openStore(db);
      const snapshot = await store.snapshot();
      try {
        await useQuery(snapshot, async (query) => {
          const scope = { service: SERVICE, timezone: 'UTC', provenance: await provenanceOf(snapshot, query) };
          const report = await writeReport({ folder: join(folder, 'report'), query, scope });
          for (const { analysis, cards } of report.sections) {
            terminal.out(`${analysis.title}\n`);
            for (const { finding } of cards) terminal.out(`  - ${finding}\n`);
          }
          terminal.out(
            '\nThe capture is planted: it shows that what was planted is found again, not how WhatsApp behaves.\n' +
              `ask more  npx sonde query --db ${db} "SELECT fqdn, count(*) AS flows FROM flows GROUP BY fqdn ORDER BY flows DESC"\n` +
              `report    ${pathToFileURL(report.path).href}\n`,
          );
        });
      } finally {
        await snapshot.close();
      }
    });
};
