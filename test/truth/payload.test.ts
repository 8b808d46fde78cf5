/** Services told without a name, in real captures, against nDPI's reading. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../needs.ts';
import { importRows } from '../rows.ts';
import { byKey, keyOfTruth } from './truth-files.ts';

interface NdpiFlow {
  readonly l4: string;
  readonly a: { readonly ip: string; readonly port: number };
  readonly b: { readonly ip: string; readonly port: number };
  readonly app?: string;
}

const readNdpi = (file: string): NdpiFlow[] =>
  readFileSync(sharedData(`truth/ndpi/${file}`), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as NdpiFlow);

const SUFFIX = '.ndpi.jsonl';

describe.skipIf(!hasSharedData)('captures', () => {
  const captures = hasSharedData
    ? readdirSync(sharedData('truth/ndpi'))
        .filter((file) => file.endsWith(SUFFIX))
        .map((file) => file.slice(0, -SUFFIX.length))
        .filter((capture) => existsSync(sharedData(`captures/ndpi/${capture}`)))
    : [];

  test('what payload, address and port call WhatsApp nDPI calls so too, in every capture; it goes further with peers', async () => {
    const wrong: string[] = [];
    const missed: string[] = [];
    const sources: Record<string, number> = {};
    for (const capture of captures) {
      const flows = byKey((await importRows([sharedData(`captures/ndpi/${capture}`)])).flows);
      for (const { l4, a, b, app = '' } of readNdpi(`${capture}${SUFFIX}`)) {
        const key = keyOfTruth({ proto: l4.toLowerCase(), a: [a.ip, a.port], b: [b.ip, b.port] });
        for (const { service, service_source, fqdn, server_port } of flows.get(key) ?? []) {
          const isTheirs = app.startsWith('WhatsApp');
          if (service === 'whatsapp' && service_source !== 'name') {
            sources[service_source as string] = (sources[service_source as string] ?? 0) + 1;
            if (!isTheirs) wrong.push(`${capture} ${key}: ${app}`);
          } else if (isTheirs && service === '' && fqdn === '' && server_port !== 53) {
            missed.push(`${capture} ${l4} ${server_port}`);
          }
        }
      }
    }
    expect(wrong).toEqual([]);
    expect(sources).toEqual({ payload: 120 });
    // Calls once they go from peer to peer.
    expect(missed.sort()).toEqual([
      'wa_voice.pcap UDP 32704',
      'wa_voice.pcap UDP 64282',
      'whatsapp_login_call.pcap UDP 51727',
      'whatsapp_login_call.pcap UDP 60312',
      'whatsapp_login_call.pcap UDP 9344',
      'whatsapp_login_call.pcap UDP 9665',
    ]);
  });
});
