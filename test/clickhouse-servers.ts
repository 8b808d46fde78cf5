/** ClickHouse servers and ZooKeeper from Debian, on loopback and in a temporary folder, ended by their process ids. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasFile, hasProgram } from './needs.ts';

const zookeeperJar = '/usr/share/java/zookeeper.jar';

/** Debian's version is 18.16: it takes and counts what is delivered, and is too old for the queries of the product. */
export const hasClickhouse = hasProgram('clickhouse-server') && hasFile(zookeeperJar);

interface Server {
  readonly host: string;
  readonly httpPort: number;
  /** Sends a statement; resolves to what the server says. */
  ask(sql: string): Promise<string>;
  /** Ends it at once, as a power cut would end the process. */
  kill(): Promise<void>;
  /** Starts it if it does not run. */
  start(): Promise<void>;
}

export interface Servers {
  readonly folder: string;
  readonly servers: readonly Server[];
  /** Ends all of them and removes the folder. */
  stop(): Promise<void>;
}

const START_MS = 60_000;
const CLUSTER = 'probes';
/** Until then a server that was killed counts as there, and cannot be there again. */
const SESSION_MS = 4000;
const TICK_MS = 500;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, 'close');
  return port;
};

interface Ports {
  readonly http: number;
  /** One a server: a server takes whoever has its own port on this machine for itself. */
  readonly tcp: readonly number[];
  readonly interserver: number;
  readonly zookeeper: number;
}

const xml = (
  host: string,
  folder: string,
  ports: Ports,
  tcpPort: number,
  cluster: string,
): string => `<?xml version="1.0"?>
<yandex>
  <logger><level>warning</level><log>${folder}/server.log</log><errorlog>${folder}/error.log</errorlog></logger>
  <listen_host>${host}</listen_host>
  <http_port>${ports.http}</http_port>
  <tcp_port>${tcpPort}</tcp_port>
  <interserver_http_host>${host}</interserver_http_host>
  <interserver_http_port>${ports.interserver}</interserver_http_port>
  <path>${folder}/data/</path>
  <tmp_path>${folder}/tmp/</tmp_path>
  <format_schema_path>${folder}/schemas/</format_schema_path>
  <users_config>${folder}/users.xml</users_config>
  <default_profile>default</default_profile>
  <default_database>default</default_database>
  <timezone>UTC</timezone>
  <mark_cache_size>67108864</mark_cache_size>
  <max_concurrent_queries>100</max_concurrent_queries>
  <builtin_dictionaries_reload_interval>3600</builtin_dictionaries_reload_interval>
  ${cluster}
</yandex>
`;

const users = `<?xml version="1.0"?>
<yandex>
  <profiles><default><max_memory_usage>2000000000</max_memory_usage></default></profiles>
  <quotas><default/></quotas>
  <users><default><password></password><networks><ip>::/0</ip></networks><profile>default</profile><quota>default</quota></default></users>
</yandex>
`;

/** Two shards; the first one has two replicas. */
const clusterXml = (hosts: readonly string[], ports: Ports): string => {
  const replica = (host: string): string =>
    `<replica><host>${host}</host><port>${ports.tcp[hosts.indexOf(host)]}</port></replica>`;
  const shard = (own: readonly string[]): string =>
    `<shard><internal_replication>true</internal_replication>${own.map(replica).join('')}</shard>`;
  return `<remote_servers><${CLUSTER}>${shard(hosts.slice(0, 2))}${shard(hosts.slice(2))}</${CLUSTER}></remote_servers>
  <zookeeper>
    <node><host>127.0.0.1</host><port>${ports.zookeeper}</port></node>
    <session_timeout_ms>${SESSION_MS}</session_timeout_ms>
  </zookeeper>`;
};

const isRunning = (child: ChildProcess | undefined): child is ChildProcess =>
  child !== undefined && child.exitCode === null && child.signalCode === null;

const end = async (child: ChildProcess | undefined): Promise<void> => {
  if (!isRunning(child)) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const waitFor = async (isReady: () => Promise<boolean>, what: string): Promise<void> => {
  const until = Date.now() + START_MS;
  while (!(await isReady().catch(() => false))) {
    if (Date.now() > until) throw new Error(`${what} did not start within ${START_MS / 1000} s`);
    await sleep(20);
  }
};

const launch = (folder: string): ChildProcess => {
  const log = openSync(join(folder, 'output.log'), 'a');
  const child = spawn('clickhouse-server', ['--config-file', join(folder, 'config.xml')], {
    cwd: folder,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
};

const makeServer = (host: string, folder: string, ports: Ports, tcpPort: number, cluster: string): Server => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'config.xml'), xml(host, folder, ports, tcpPort, cluster));
  writeFileSync(join(folder, 'users.xml'), users);
  let child: ChildProcess | undefined;
  let endedAt = 0;
  const ask = async (sql: string): Promise<string> => {
    const response = await fetch(`http://${host}:${ports.http}/`, { method: 'POST', body: sql });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return text;
  };
  /** Are the tables there that it had when it ended? */
  const hasTables = async (): Promise<boolean> => {
    const metadata = join(folder, 'data/metadata');
    const made = readdirSync(metadata, { recursive: true, encoding: 'utf8' }).filter(
      (path) => /^[^/]+\/[^/]+\.sql$/.test(path) && !path.startsWith('system/'),
    );
    return Number(await ask("SELECT count() FROM system.tables WHERE database <> 'system'")) >= made.length;
  };
  return {
    host,
    httpPort: ports.http,
    ask,
    kill: async () => {
      await end(child);
      endedAt = Date.now();
    },
    start: async () => {
      if (!isRunning(child)) await sleep(endedAt + SESSION_MS + TICK_MS - Date.now());
      await waitFor(async () => {
        // It gives up by itself if ZooKeeper is slow while it starts.
        if (!isRunning(child)) child = launch(folder);
        return (await ask('SELECT 1')) === '1\n' && (await hasTables());
      }, `ClickHouse on ${host}`);
    },
  };
};

const startZookeeper = (folder: string, port: number): ChildProcess => {
  mkdirSync(folder);
  const config = join(folder, 'zoo.cfg');
  // A session may be as short as two ticks.
  const settings = [`tickTime=${TICK_MS}`, `dataDir=${folder}`, `clientPort=${port}`, 'clientPortAddress=127.0.0.1'];
  writeFileSync(config, [...settings, 'admin.enableServer=false', ''].join('\n'));
  const main = 'org.apache.zookeeper.server.ZooKeeperServerMain';
  const log = openSync(join(folder, 'output.log'), 'a');
  const child = spawn('java', ['-XX:TieredStopAtLevel=1', '-Xmx128m', '-cp', zookeeperJar, main, config], {
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  return child;
};

/**
 * Starts three servers that are a cluster of two shards, the first of them with two replicas, and their ZooKeeper. All
 * have the same port of HTTP, on addresses of their own.
 */
export const startCluster = async (): Promise<Servers> => {
  const folder = mkdtempSync(join(tmpdir(), 'sonde-clickhouse-'));
  const ports = {
    http: await freePort(),
    tcp: [await freePort(), await freePort(), await freePort()],
    interserver: await freePort(),
    zookeeper: await freePort(),
  };
  const hosts = ['127.0.0.1', '127.0.0.2', '127.0.0.3'];
  const zookeeper = startZookeeper(join(folder, 'zookeeper'), ports.zookeeper);
  const servers = hosts.map((host, i) =>
    makeServer(host, join(folder, `server-${i + 1}`), ports, ports.tcp[i]!, clusterXml(hosts, ports)),
  );
  const stop = async (): Promise<void> => {
    await Promise.all([end(zookeeper), ...servers.map((server) => server.kill())]);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(servers.map((server) => server.start()));
    // A server begins without ZooKeeper, and says so when a replicated table is made.
    await waitFor(
      async () => (await servers[0]!.ask("SELECT count() FROM system.zookeeper WHERE path = '/'")) !== '',
      'ZooKeeper',
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { folder, servers, stop };
};
