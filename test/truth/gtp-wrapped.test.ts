/** The same traffic plain and inside of GTP: flows, names and services are the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hasSharedData, sharedData } from '../needs.ts';
import { importRows, type Row } from '../rows.ts';

const captures = [
  ['whatsapp_login_call.gtpv1', 50],
  ['wa_voice.gtpv2', 22],
  ['android.gtpu6', 47],
] as const;

/** Columns that tell of the import, of the tunnel, and of the subscriber that its control plane names. */
const ofTunnel = new Set(
  'flow_id reported_at tunnel vlan up_teid down_teid gtp_peer rat cell apn plmn subscriber_source client os os_source device'.split(
    ' ',
  ),
);

const withoutTunnel = (flow: Row): Row =>
  Object.fromEntries(Object.entries(flow).filter(([name]) => !ofTunnel.has(name)));

const inOrder = (flows: readonly Row[]): Row[] => {
  const keyOf = ({ started_at, client_ip, client_port, server_ip, server_port }: Row): string =>
    [started_at, client_ip, client_port, server_ip, server_port].join(' ');
  return flows.map(withoutTunnel).sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
};

describe.skipIf(!hasSharedData)('captures inside of GTP', () => {
  test.each(captures)(
    '%s: the flows of its subscribers, whole rows, are those of the plain capture',
    async (name, count) => {
      const { clients } = JSON.parse(readFileSync(sharedData(`captures/gtp-wrapped/${name}.json`), 'utf8'));
      const isOfSubscriber = ({ client_ip, server_ip }: Row): boolean =>
        (client_ip as string) in clients || (server_ip as string) in clients;
      const wrapped = await importRows([sharedData(`captures/gtp-wrapped/${name}.pcap`)]);
      const plain = await importRows([sharedData(`captures/ndpi/${name.split('.')[0]}.pcap`)]);
      const inside = wrapped.flows.filter(({ tunnel }) => tunnel === 'gtp');
      expect(inside).toHaveLength(count);
      expect(inOrder(inside)).toEqual(inOrder(plain.flows.filter(isOfSubscriber)));
      const requests = ({ http }: { readonly http: readonly Row[] }): Row[] => http.map(withoutTunnel);
      expect(requests(wrapped)).toEqual(requests({ http: plain.http.filter(isOfSubscriber) }));
      // What is left is the control plane between the nodes.
      expect(wrapped.flows.filter(({ tunnel, server_port }) => tunnel === '' && server_port !== 2123)).toEqual([]);
    },
  );
});
