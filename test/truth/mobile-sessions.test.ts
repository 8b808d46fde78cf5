/** Sessions of real captures: whose the packets are, and that nothing else about them changes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clientPseudonym } from '../../src/privacy/client-pseudonym.ts';
import { hasSharedData, sharedData } from '../needs.ts';
import { importRows, testOptions } from '../rows.ts';

interface Planted {
  readonly clients: Readonly<
    Record<string, Readonly<Record<'imsi' | 'msisdn' | 'imei' | 'apn' | 'ul' | 'dl' | 'ulc' | 'dlc', string>>>
  >;
  readonly packets: number;
}

const pseudonymOf = clientPseudonym(testOptions.key);
const readPlanted = (name: string): Planted =>
  JSON.parse(readFileSync(sharedData(`captures/gtp-wrapped/${name}.json`), 'utf8'));

describe.skipIf(!hasSharedData)('captures inside of GTP', () => {
  test.each(['whatsapp_login_call.gtpv1', 'wa_voice.gtpv2'])(
    '%s: every subscriber has the session that was planted, and every flow of it',
    async (name) => {
      const { clients } = readPlanted(name);
      const { flows, dns, sessions, summary } = await importRows([sharedData(`captures/gtp-wrapped/${name}.pcap`)]);
      expect(sessions).toHaveLength(Object.keys(clients).length);
      expect(summary.reasons).not.toHaveProperty('gtp-session-unknown');
      for (const [address, planted] of Object.entries(clients)) {
        expect(sessions).toContainEqual(
          expect.objectContaining({
            kind: 'gtp',
            end_reason: 'eof',
            ended_at: null,
            client: pseudonymOf(`imsi:${planted.imsi}`),
            client_ip: address,
            imsi: pseudonymOf(`imsi:${planted.imsi}`),
            msisdn: pseudonymOf(`msisdn:${planted.msisdn}`),
            imei: pseudonymOf(`imei:${planted.imei.slice(0, 14)}`),
            tac: planted.imei.slice(0, 8),
            apn: planted.apn,
            up_teid: Number(planted.ul),
            down_teid: Number(planted.dl),
            up_control_teid: Number(planted.ulc),
            down_control_teid: Number(planted.dlc),
            gtp_peer: '10.200.1.10',
            gtp_gateway: '10.200.2.20',
          }),
        );
        const own = flows.filter(({ client_ip, tunnel }) => client_ip === address && tunnel === 'gtp');
        expect(own.length).toBeGreaterThan(10);
        for (const flow of own) {
          expect(flow).toMatchObject({
            client: pseudonymOf(`imsi:${planted.imsi}`),
            subscriber_source: 'gtp',
            apn: planted.apn,
            gtp_peer: '10.200.1.10',
          });
          expect([Number(planted.ul), null]).toContain(flow.up_teid);
          expect([Number(planted.dl), null]).toContain(flow.down_teid);
          expect(flow.up_teid === null).toBe(flow.up_packets === 0);
          expect(flow.down_teid === null).toBe(flow.down_packets === 0);
        }
        for (const { client_ip, client } of dns) {
          if (client_ip === address) expect(client).toBe(pseudonymOf(`imsi:${planted.imsi}`));
        }
      }
    },
  );

  test('without control messages packets keep their tunnel, and the address is what their subscriber is known by', async () => {
    const { packets, clients } = readPlanted('android.gtpu6');
    const { flows, sessions, summary } = await importRows([sharedData('captures/gtp-wrapped/android.gtpu6.pcap')]);
    expect(sessions).toEqual([]);
    expect(summary.reasons['gtp-session-unknown']).toBe(packets);
    expect(summary.malformed).toBe(0);
    const [[address, planted]] = Object.entries(clients) as [[string, Planted['clients'][string]]];
    for (const flow of flows.filter(({ client_ip }) => client_ip === address)) {
      expect(flow).toMatchObject({ client: address, subscriber_source: 'address', tunnel: 'gtp', rat: '', apn: '' });
      expect([Number(planted.ul), null]).toContain(flow.up_teid);
      expect([Number(planted.dl), null]).toContain(flow.down_teid);
    }
  });
});

describe.skipIf(!hasSharedData)('captures of control messages', () => {
  test("Zeek's PDP contexts, without that of GTP version 0", async () => {
    const { sessions } = await importRows([sharedData('captures/zeek/traces/tunnels/gtp/pdp_ctx_messages.pcapng')]);
    expect(sessions).toMatchObject([
      {
        client_ip: '192.168.252.130',
        apn: 'eetest',
        cell: 'rai 460-06-65534-255',
        up_teid: 268435589,
        gtp_peer: '192.169.100.1',
        gtp_gateway: '10.100.200.49',
      },
      { client_ip: '192.168.0.2', apn: 'internet', imsi: pseudonymOf('imsi:240010123456789') },
    ]);
  });

  test('an EPS session that is created and deleted', async () => {
    const { sessions } = await importRows([sharedData('captures/ndpi/gtp_c.pcap')]);
    expect(sessions).toMatchObject([
      {
        end_reason: 'deleted',
        imsi: pseudonymOf('imsi:987654112233445'),
        msisdn: pseudonymOf('msisdn:896745214365'),
        tac: '43658709',
        client_ip: '33.23.23.1',
        apn: 'internet',
        rat: 'EUTRAN',
        cell: 'ecgi 896-457-36984440',
        plmn: '987-654',
        up_teid: 0x35529207,
        down_teid: 0x35529205,
        gtp_peer: '10.101.0.2',
        gtp_gateway: '10.102.0.2',
      },
    ]);
    expect((sessions[0]!.ended_at as number) - (sessions[0]!.started_at as number)).toBe(926);
  });

  test("charging's GTP' and user planes alone make no sessions", async () => {
    for (const file of ['ndpi/gtp_prime.pcapng', 'arkime/gtp-u.pcap', 'ndpi/ipv6_in_gtp.pcap']) {
      const { sessions, summary } = await importRows([sharedData(`captures/${file}`)]);
      expect(sessions, file).toEqual([]);
      expect(summary.reasons, file).not.toHaveProperty('gtp-malformed');
    }
  });
});
