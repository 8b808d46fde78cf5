import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { formatAddress, parseAddress } from '../packet/address.ts';
import { defaultLocalNets, parseNets } from '../packet/address-set.ts';
import { commonPrefixLength } from '../packet/prefix.ts';
import { Batch, type ListColumn } from '../tickets/batch.ts';
import type { Table } from '../tickets/column.ts';
import { dns, flows, http, sessions } from '../tickets/index.ts';
import { addressPseudonyms } from './address-pseudonyms.ts';
import { clientPseudonym } from './client-pseudonym.ts';
import { keyOf } from './key.ts';
import { createPseudonymizer } from './pseudonymizer.ts';

const key = keyOf(Uint8Array.from({ length: 32 }, (_, i) => i));
const pseudonymBytes = addressPseudonyms(key);
const pseudonym = (text: string): string => formatAddress(pseudonymBytes(parseAddress(text)!));
const subscriber = clientPseudonym(key);

type Row = Readonly<Record<string, string | readonly string[]>>;

const fill = (table: Table, interner: Interner, rows: readonly Row[]): Batch => {
  const batch = new Batch(table, interner, Math.max(1, rows.length));
  for (const row of rows) {
    const at = batch.begin();
    for (const [name, value] of Object.entries(row)) {
      const column = batch.columns[name];
      if (typeof value === 'string') (column as Int32Array)[at] = interner.code(value);
      else for (const item of value) (column as ListColumn).push(interner.code(item));
    }
    batch.end();
  }
  return batch;
};

/** Every text that a row holds; those that hold nothing left out. */
const read = (batch: Batch, at: number): Record<string, string | string[]> => {
  const row: Record<string, string | string[]> = {};
  for (const [name, { kind }] of Object.entries(batch.table.columns)) {
    if (kind === 'text') {
      const text = batch.interner.text((batch.columns[name] as Int32Array)[at]!);
      if (text !== '') row[name] = text;
    } else if (kind === 'texts') {
      const { values, offsets } = batch.columns[name] as ListColumn;
      const texts = [...values.subarray(offsets[at], offsets[at + 1])].map((code) => batch.interner.text(code));
      if (texts.length > 0) row[name] = texts;
    }
  }
  return row;
};

const options = { key, localNets: defaultLocalNets, keepAddresses: false };
const label = (table: Table, rows: readonly Row[], changes: Partial<typeof options> = {}) => {
  const batch = fill(table, new Interner(), rows);
  createPseudonymizer({ ...options, ...changes }).label(batch);
  return rows.map((_, at) => read(batch, at));
};

describe('flows', () => {
  test('a subscriber and a public server', () => {
    expect(
      label(flows, [
        {
          source: 'tap-10.0.0.1',
          vantage: '10.0.0.1',
          client: '10.1.2.3',
          client_ip: '10.1.2.3',
          server_ip: '157.240.20.53',
          server_prefix: '157.240.0.0/17',
          server_org: 'Facebook, Inc.',
          community_id: '1:LQU9qZlK+B5F3KDmev6m5PMibrg=',
          tls_sni: 'g.whatsapp.net',
          fqdn: 'g.whatsapp.net',
          dns_candidates: ['g.whatsapp.net', 'chat.cdn.whatsapp.net'],
        },
      ]),
    ).toEqual([
      {
        source: 'tap-10.0.0.1',
        vantage: '10.0.0.1',
        client: subscriber('10.1.2.3'),
        client_ip: pseudonym('10.1.2.3'),
        server_ip: '157.240.20.53',
        server_net: '157.240.20.0/24',
        server_prefix: '157.240.0.0/17',
        server_org: 'Facebook, Inc.',
        tls_sni: 'g.whatsapp.net',
        fqdn: 'g.whatsapp.net',
        dns_candidates: ['g.whatsapp.net', 'chat.cdn.whatsapp.net'],
      },
    ]);
  });

  test('a call between two subscribers, one of them as server', () => {
    const [row] = label(flows, [
      {
        client: 'fd00::1',
        client_ip: 'fd00::1',
        server_ip: 'fd00::2',
        server_prefix: 'fd00::/48',
        gtp_peer: '10.9.9.9',
        http_host: 'fd00::2',
        fqdn: 'fd00::2',
        dns_name: 'fd00::2',
        dns_candidates: ['fd00::1', 'x.example'],
      },
    ]);
    expect(row).toEqual({
      client: subscriber('fd00::1'),
      client_ip: pseudonym('fd00::1'),
      server_ip: pseudonym('fd00::2'),
      server_net: expect.stringMatching(/::\/48$/),
      gtp_peer: pseudonym('10.9.9.9'),
      http_host: pseudonym('fd00::2'),
      fqdn: pseudonym('fd00::2'),
      dns_name: pseudonym('fd00::2'),
      dns_candidates: [pseudonym('fd00::1'), 'x.example'],
    });
    const net = parseAddress((row!.server_net as string).replace('/48', ''))!;
    expect(commonPrefixLength(net, parseAddress(row!.server_ip as string)!)).toBeGreaterThanOrEqual(48);
  });

  test('a client outside the local nets is hidden in its own rows, and only there', () => {
    const row = (client: string) => ({ client, client_ip: client, server_ip: '8.8.8.8', http_host: '198.51.100.7' });
    const [own, other] = label(flows, [row('198.51.100.7'), row('198.51.100.8')]);
    expect(own).toMatchObject({ client_ip: pseudonym('198.51.100.7'), http_host: pseudonym('198.51.100.7') });
    expect(other).toMatchObject({ client_ip: pseudonym('198.51.100.8'), http_host: '198.51.100.7' });
  });

  test('a client address that is none does not stay', () => {
    const [row] = label(flows, [{ client: 'host.example', client_ip: 'host.example' }]);
    expect(row).toEqual({ client: subscriber('host.example') });
  });

  test('local nets are the caller’s', () => {
    const localNets = parseNets(['198.51.100.0/24']);
    const row = { client: '10.0.0.1', client_ip: '10.0.0.1', server_ip: '198.51.100.1', cell: '10.0.0.2' };
    expect(label(flows, [row], { localNets })).toEqual([
      {
        client: subscriber('10.0.0.1'),
        client_ip: pseudonym('10.0.0.1'),
        server_ip: pseudonym('198.51.100.1'),
        server_net: expect.any(String),
        cell: '10.0.0.2',
      },
    ]);
  });
});

describe('sessions', () => {
  const row = {
    client: 'imsi:232010000000001',
    client_ip: '203.0.113.5',
    client_prefix: '2001:db8:1:2::/64',
    imsi: 'imsi:232010000000001',
    msisdn: 'msisdn:436600000001',
    imei: 'imei:35693803000001',
    tac: '35693803',
    gtp_peer: '192.0.2.1',
    gtp_gateway: '192.0.2.9',
  };
  const identities = {
    client: subscriber('imsi:232010000000001'),
    imsi: subscriber('imsi:232010000000001'),
    msisdn: subscriber('msisdn:436600000001'),
    imei: subscriber('imei:35693803000001'),
    tac: '35693803',
  };

  test('identities, addresses, blocks and nodes are pseudonyms, whatever the local nets', () => {
    const prefix = pseudonym('2001:db8:1:2::').split(':').slice(0, 4).join(':');
    expect(label(sessions, [row])).toEqual([
      {
        ...identities,
        client_ip: pseudonym('203.0.113.5'),
        client_prefix: `${prefix}::/64`,
        gtp_peer: pseudonym('192.0.2.1'),
        gtp_gateway: pseudonym('192.0.2.9'),
      },
    ]);
  });

  test('identities are pseudonyms where addresses are kept', () => {
    expect(label(sessions, [row], { keepAddresses: true })).toEqual([{ ...row, ...identities }]);
  });
});

describe('dns', () => {
  test('answers, hints and reverse names of local addresses', () => {
    const [a, b, c, d] = pseudonym('10.0.0.7').split('.');
    const [row] = label(dns, [
      {
        client: '10.0.0.1',
        client_ip: '10.0.0.1',
        resolver_ip: '192.168.0.1',
        qname: '7.0.0.10.in-addr.arpa',
        aliases: ['0.0.10.in-addr.arpa', 'x.example'],
        answers: [
          '10.0.0.7',
          '8.8.8.8',
          '::ffff:10.0.0.7',
          '1 . alpn=h2 ipv4hint=8.8.8.8,10.0.0.7',
          'TYPE42 \\# 8 0a000007',
        ],
      },
    ]);
    expect(row).toEqual({
      client: subscriber('10.0.0.1'),
      client_ip: pseudonym('10.0.0.1'),
      resolver_ip: pseudonym('192.168.0.1'),
      qname: `${d}.${c}.${b}.${a}.in-addr.arpa`,
      aliases: [`${c}.${b}.${a}.in-addr.arpa`, 'x.example'],
      answers: [
        pseudonym('10.0.0.7'),
        '8.8.8.8',
        `::ffff:${pseudonym('10.0.0.7')}`,
        `1 . alpn=h2 ipv4hint=8.8.8.8,${pseudonym('10.0.0.7')}`,
        'TYPE42 \\# 8',
      ],
    });
  });

  test('a public client’s own address, in every writing', () => {
    const client = '203.0.113.9';
    const hidden = pseudonym(client);
    const [a, b, c, d] = hidden.split('.');
    const [row] = label(dns, [
      {
        client,
        client_ip: client,
        resolver_ip: '8.8.8.8',
        qname: '9.113.0.203.in-addr.arpa',
        aliases: ['113.0.203.in-addr.arpa', '112.0.203.in-addr.arpa'],
        answers: [client, '203.0.113.8', `::ffff:${client}`, `ipv4hint=203.0.113.8,${client}`],
      },
    ]);
    expect(row).toEqual({
      client: subscriber(client),
      client_ip: hidden,
      resolver_ip: '8.8.8.8',
      qname: `${d}.${c}.${b}.${a}.in-addr.arpa`,
      aliases: [`${c}.${b}.${a}.in-addr.arpa`, '112.0.203.in-addr.arpa'],
      answers: [hidden, '203.0.113.8', `::ffff:${hidden}`, `ipv4hint=203.0.113.8,${hidden}`],
    });
  });
});

test('the fingerprint of a SYN is no address, though it may read like one; a device is read like any text', () => {
  const syn_signature = '4:64:0:0:8192,0::df:0';
  const [row] = label(flows, [{ client_ip: '10.0.0.1', syn_signature, device: 'Box 10.0.0.1' }], {
    localNets: parseNets(['::/8', '10.0.0.0/8']),
  });
  expect(row).toMatchObject({ syn_signature, device: `Box ${pseudonym('10.0.0.1')}` });
});

describe('http', () => {
  test('host and path, by the client that the row tells', () => {
    const client = '203.0.113.9';
    expect(label(http, [{ client, host: client, path: `/from/${client}/to/10.0.0.1/and/8.8.8.8` }])).toEqual([
      {
        client: subscriber(client),
        host: pseudonym(client),
        path: `/from/${pseudonym(client)}/to/${pseudonym('10.0.0.1')}/and/8.8.8.8`,
      },
    ]);
  });

  test('a version number in a User-Agent is no address, unless it is the client’s', () => {
    expect(
      label(http, [
        { client: '10.0.0.1', user_agent: 'App/10.0.0.2 (x)' },
        { client: '10.0.0.1', user_agent: 'App/1.0 from 10.0.0.1' },
      ]).map((row) => row.user_agent),
    ).toEqual(['App/10.0.0.2 (x)', `App/1.0 from ${pseudonym('10.0.0.1')}`]);
  });
});

test('with addresses kept nothing changes, but for identities that are no addresses, and server_net is filled', () => {
  const rows = [
    {
      client: '10.0.0.1',
      client_ip: '10.0.0.1',
      server_ip: '10.0.0.2',
      community_id: '1:x',
      server_prefix: '10.0.0.0/8',
    },
    { client: '262011234567890', client_ip: 'fd00::1', server_ip: '2001:db8:1:2::3', gtp_peer: '10.0.0.3' },
  ];
  expect(label(flows, rows, { keepAddresses: true })).toEqual([
    { ...rows[0], server_net: '10.0.0.0/24' },
    { ...rows[1], client: subscriber('262011234567890'), server_net: '2001:db8:1::/48' },
  ]);
  const question = { client: '10.0.0.1', client_ip: '10.0.0.1', qname: '1.0.0.10.in-addr.arpa', answers: ['10.0.0.2'] };
  expect(label(dns, [question], { keepAddresses: true })).toEqual([question]);
});

test('after a reset of the interner the codes are new', () => {
  const interner = new Interner();
  const pseudonymizer = createPseudonymizer(options);
  pseudonymizer.label(fill(flows, interner, [{ client_ip: '10.0.0.1', server_ip: '10.0.0.2' }]));
  interner.reset();
  pseudonymizer.reset();
  const batch = fill(flows, interner, [{ client_ip: '10.0.0.3', server_ip: '8.8.8.8' }]);
  pseudonymizer.label(batch);
  expect(read(batch, 0)).toMatchObject({ client_ip: pseudonym('10.0.0.3'), server_ip: '8.8.8.8' });
});

describe('for any rows', () => {
  const ipv4 = fc.uint8Array({ minLength: 4, maxLength: 4 });
  const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 });
  const local = fc.oneof(
    ipv4.map((bytes) => bytes.with(0, 10)),
    ipv4.map((bytes) => bytes.with(0, 192).with(1, 168)),
    ipv6.map((bytes) => bytes.with(0, 0xfd)),
    ipv6.map((bytes) => bytes.with(0, 0xfe).with(1, 0x80)),
  );
  const foreign = fc.oneof(
    ipv4.map((bytes) => bytes.with(0, 11)),
    ipv6.map((bytes) => bytes.with(0, 0x20)),
  );
  const reverseName = (bytes: Uint8Array): string =>
    bytes.length === 4
      ? `${[...bytes].reverse().join('.')}.in-addr.arpa`
      : `${[...Buffer.from(bytes).toString('hex')].reverse().join('.')}.ip6.arpa`;
  const mapped = (bytes: Uint8Array): string =>
    bytes.length === 4 ? `::ffff:${formatAddress(bytes)}` : formatAddress(bytes);
  const hint = (bytes: Uint8Array): string =>
    `1 . alpn=h2 ${bytes.length === 4 ? 'ipv4hint=8.8.8.8,' : 'ipv6hint=2001:db8::1,'}${formatAddress(bytes)} port=1`;
  const writings = [
    formatAddress,
    (bytes: Uint8Array) => formatAddress(bytes).toUpperCase(),
    mapped,
    reverseName,
    (bytes: Uint8Array) => `b._dns-sd._udp.${reverseName(bytes)}`,
    hint,
    (bytes: Uint8Array) => `[${formatAddress(bytes)}]:443`,
  ];
  const texts: Readonly<Record<string, readonly string[]>> = {
    flows: ['server_ip', 'gtp_peer', 'tls_sni', 'http_host', 'dns_name', 'fqdn', 'source_uid', 'cell', 'apn', 'rule'],
    dns: ['resolver_ip', 'qname', 'rcode', 'service'],
    http: ['host', 'path', 'content_type'],
  };
  const lists: Readonly<Record<string, readonly string[]>> = {
    flows: ['dns_candidates', 'alpn'],
    dns: ['answers', 'aliases'],
    http: [],
  };

  const rowOf = (table: Table) =>
    fc
      .record({ client: fc.oneof(local, foreign), others: fc.array(local, { minLength: 1, maxLength: 3 }) })
      .chain(({ client, others }) => {
        const secrets = [client, ...others];
        const text = fc
          .tuple(fc.constantFrom(...secrets), fc.constantFrom(...writings))
          .map(([secret, write]) => write(secret));
        return fc
          .tuple(
            fc.record(Object.fromEntries(texts[table.name]!.map((name) => [name, text]))),
            fc.record(Object.fromEntries(lists[table.name]!.map((name) => [name, fc.array(text, { maxLength: 4 })]))),
          )
          .map(([single, several]) => {
            const own = formatAddress(client);
            const addressed = 'client_ip' in table.columns ? { client_ip: own } : {};
            return { secrets, row: { client: own, ...addressed, ...single, ...several } as Row };
          });
      });

  /** Does a text hold the address in any of the forms that it was planted in? Digits around would make it another one. */
  const betrays = (text: string, secret: Uint8Array): boolean =>
    [formatAddress(secret), reverseName(secret)].some((form) => {
      const at = text.toLowerCase().indexOf(form);
      return at >= 0 && !/[0-9a-f]/.test(text[at - 1] ?? '') && !/[0-9a-f]/.test(text[at + form.length] ?? '');
    });

  test.each([flows, dns, http] as Table[])('no column of $name betrays a client or a local address', (table) => {
    fc.assert(
      fc.property(fc.array(rowOf(table), { minLength: 1, maxLength: 6 }), (rows) => {
        const planted = rows.map(({ row }) => row);
        const labelled = label(table, planted);
        const kept = label(table, planted, { keepAddresses: true });
        for (const [i, { secrets, row }] of rows.entries()) {
          const leaks = Object.values(labelled[i]!)
            .flat()
            .filter((text) => secrets.some((secret) => betrays(text, secret)));
          expect(leaks).toEqual([]);
          expect(kept[i]).toMatchObject(dropEmpty(row));
        }
      }),
      { numRuns: 100 },
    );
  });

  const dropEmpty = (row: Row): Row => Object.fromEntries(Object.entries(row).filter(([, value]) => value.length > 0));
});
