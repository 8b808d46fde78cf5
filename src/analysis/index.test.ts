import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plantStore } from '../../test/planted-store.ts';
import { analyses } from './index.ts';
import { runAnalysis } from './run-analysis.ts';

test('x', async () => {
  const at = Date.UTC(2014, 1, 22, 18) * 1000;
  const s = await plantStore([
    {
      id: 'a',
      import: { first_at: at, last_at: at + 60e6 },
      flows: [
        {
          started_at: at,
          ended_at: at + 5e6,
          service: 'whatsapp',
          class: 'chat',
          server_ip: '1.2.3.4',
          server_net: '1.2.3.0/24',
          protocol: 'tcp',
          server_port: 443,
          up_bytes: 100,
          down_bytes: 200,
          up_packets: 1,
          down_packets: 1,
          fqdn: 'e1.whatsapp.net',
          fqdn_source: 'sni',
          tls_sni: 'e1.whatsapp.net',
          dns_name: 'e1.whatsapp.net',
          dns_answered_at: at - 1e5,
          dns_ttl_s: 60,
          dns_evidence: 'valid',
          dns_candidates: ['e1.whatsapp.net'],
          end_reason: 'fin',
        },
      ],
    },
  ]);
  for (const a of analyses)
    for (const c of await runAnalysis(a, s.query, { service: 'whatsapp', timezone: 'UTC' }))
      console.log(c.id, '|', c.finding, '|', c.hint ?? '');
  await s.close();
});
