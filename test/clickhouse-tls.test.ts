/** A ClickHouse behind TLS: its certificate is checked against the authorities that Node is given, and nothing goes to another. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePcap } from '../src/synth/pcap-writer.ts';
import { plantedWhatsApp } from '../src/synth/planted-whatsapp.ts';
import { type ChdbServer, startChdb } from './chdb-server.ts';
import { makeSandbox, type Sandbox } from './command-line.ts';
import { hasProgram } from './needs.ts';

let box: Sandbox;
let server: ChdbServer;
let proxy: Server;
let db: string;

const path = (name: string): string => join(box.folder, name);

/** A certificate for `localhost` that signs itself. */
const makeCertificate = (): void => {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', path('key.pem')];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...key, '-out', path('ca.pem'), ...subject], {
    stdio: 'ignore',
  });
};

describe.skipIf(!hasProgram('openssl'))('over TLS', () => {
  beforeAll(async () => {
    box = makeSandbox();
    server = await startChdb();
    makeCertificate();
    const identity = { key: readFileSync(path('key.pem')), cert: readFileSync(path('ca.pem')) };
    proxy = createServer(identity, (socket) => {
      const behind = connect(server.port, '127.0.0.1');
      socket.pipe(behind).pipe(socket);
      for (const end of [socket, behind]) end.on('error', () => [socket, behind].map((one) => one.destroy()));
    });
    proxy.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    db = `clickhouse://localhost:${(proxy.address() as AddressInfo).port}/sonde?secure=1`;
    writePcap(path('a.pcap'), plantedWhatsApp({ seed: 1, clients: 1, hours: 1 }).frames);
  });
  afterAll(async () => {
    proxy.close();
    await server.stop();
    box.remove();
  });

  const trusting = () => ({ env: { NODE_EXTRA_CA_CERTS: path('ca.pem'), SONDE_SPOOL: path('spool') } });

  test('captures are imported and asked about', async () => {
    await box.run(['db', 'create', '--db', db], trusting());
    expect((await box.run(['import', 'a.pcap', '--db', db], trusting())).err).toMatch(/^a.pcap: .* packets/);
    const { out } = await box.run(['query', 'SELECT count() > 0 AS some FROM flows', '--db', db], trusting());
    expect(out).toMatch(/true|1/);
  }, 60_000);

  test('a certificate that nobody vouches for is refused', async () => {
    const { code, err } = await box.sonde(['imports', '--db', db], { env: { SONDE_SPOOL: path('spool') } });
    expect([code, err]).toEqual([1, expect.stringMatching(/certificate.*SONDE_STORE_UNREADABLE/s)]);
  });

  test('so is one of another name', async () => {
    const { code, err } = await box.sonde(['imports', '--db', db.replace('localhost', '127.0.0.1')], trusting());
    expect([code, err]).toEqual([1, expect.stringMatching(/certificate's altnames.*SONDE_STORE_UNREADABLE/s)]);
  });

  test('who asks without TLS gets no answer', async () => {
    const { code, err } = await box.sonde(['imports', '--db', db.replace('?secure=1', '')], trusting());
    expect([code, err]).toEqual([1, expect.stringContaining('SONDE_STORE_UNREADABLE')]);
  });
});
