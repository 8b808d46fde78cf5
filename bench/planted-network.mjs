/** A planted network for benchmarks of the store: flows with the columns of real ones, and the counters of its minutes. */
import { Interner } from '../dist/kit/interner.js';
import { Random } from '../dist/kit/random.js';
import { HOUR, MINUTE, SECOND } from '../dist/kit/time.js';
import { addToHll, HLL_REGISTERS, packHll } from '../dist/pipeline/hyper-log-log.js';
import { Batch, sealBatch } from '../dist/tickets/batch.js';
import { counters, flows, imports } from '../dist/tickets/index.js';

const BATCH_ROWS = 8192;
/** The popularity of a server is that of its rank: (rank + ZIPF_SHIFT) ^ -ZIPF_POWER. */
const ZIPF_POWER = 1.2;
const ZIPF_SHIFT = 10;
const SERVERS_A_SITE = 8;
const SERVERS_A_NET = 4;
const NORMALS = 1 << 16;
const MEAN_DURATION = 20 * SECOND;

/** Of all sites, and the classes that a site may have. */
const services = [
  ['', 0.3, ['']],
  ['WhatsApp', 0.12, ['chat', 'control', 'image', 'video', 'web']],
  ['Facebook', 0.14, ['web', 'image', 'video']],
  ['Instagram', 0.12, ['image', 'video', 'web']],
  ['Signal', 0.02, ['chat', 'media']],
  ...Array.from({ length: 20 }, (_, i) => [`Service ${i + 1}`, 0.3 / 20, ['web', 'media']]),
];
const systems = ['Android', 'iOS', 'Windows', 'macOS', 'unknown'];
const signatures = [
  '4:64+0:0:1460:mss*44,8:mss,sok,ts,nop,ws:df,id+:0',
  '4:64+0:0:1400:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df,id+:0',
  '4:128+0:0:1460:64240,8:mss,nop,ws,nop,nop,sok:df,id+:0',
];
const countries = ['US', 'IE', 'DE', 'NL', 'SG', 'JP', 'BR', 'IN'];

const pickService = (random) => random.weighted(services, ([, share]) => share);

/** Host names, their services and addresses: the same for the same seed. */
const plantServers = (random, count) => {
  const sites = Array.from({ length: Math.ceil(count / SERVERS_A_SITE) }, (_, site) => {
    const [service, , classes] = pickService(random);
    const kind = random.pick(classes);
    const word = (service || 'site').toLowerCase().replaceAll(' ', '');
    const asn = 1000 + random.between(0, 400);
    return {
      service,
      kind,
      names: Array.from({ length: 3 }, (_, i) => `${'abc'[i]}${site % 40}.${word}-${site}.example`),
      rule: service === '' ? '' : `${word}.yaml:${10 + (site % 90)}`,
      port: kind === 'chat' ? 5222 : 443,
      asn,
      org: `Network ${asn}`,
      country: countries[asn % countries.length],
      isQuic: random.chance(0.3),
      rttUs: Math.round(random.logNormal(25_000, 0.8)),
    };
  });
  return Array.from({ length: count }, (_, server) => {
    const net = Math.floor(server / SERVERS_A_NET);
    const isSix = net % 8 === 0;
    const [high, low] = [(net >> 8) & 255, net & 255];
    return {
      // Neighbours in the address space are not neighbours in popularity.
      site: sites[(server * 7) % sites.length],
      address: isSix
        ? `2001:db8:${(net >> 4).toString(16)}::${(1 + (server & 3)).toString(16)}`
        : `${20 + (net >> 16)}.${high}.${low}.${1 + 16 * (server & 3)}`,
      net: isSix ? `2001:db8:${(net >> 4).toString(16)}::/48` : `${20 + (net >> 16)}.${high}.${low}.0/24`,
      prefix: isSix ? '2001:db8::/32' : `${20 + (net >> 16)}.${high & 240}.0.0/12`,
    };
  });
};

const cumulate = (count) => {
  const sums = new Float64Array(count);
  let sum = 0;
  for (let rank = 0; rank < count; rank++) {
    sum += (rank + ZIPF_SHIFT) ** -ZIPF_POWER;
    sums[rank] = sum;
  }
  return sums.map((each) => each / sum);
};

const findIn = (sums, unit) => {
  let low = 0;
  let high = sums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle] < unit) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** How busy an hour of the day is; 1 on the mean of a day. */
export const profile = (at) => 1 + 0.7 * Math.sin(((at / HOUR - 10) / 12) * Math.PI);

export class PlantedNetwork {
  #random;
  #servers;
  #sums;
  #normals;
  #clients;

  constructor({ seed, clients = 200_000, servers = 60_000 }) {
    const random = new Random(seed);
    this.#random = random;
    this.#servers = plantServers(random.fork(1), servers);
    this.#sums = cumulate(servers);
    this.#normals = Float64Array.from({ length: NORMALS }, () => Math.log(random.logNormal(1, 1)));
    this.#clients = Array.from({ length: clients }, (_, client) => ({
      name: `c${random.word().toString(16).padStart(8, '0')}${random.word().toString(16).padStart(8, '0')}`,
      address: `10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`,
      system: systems[client % systems.length],
      signature: signatures[client % signatures.length],
    }));
  }

  /** What comes under one `source`: it depends on the seed and on that name. */
  part(source) {
    const random = this.#random.fork([...source].reduce((sum, char) => 31 * sum + char.charCodeAt(0), 7));
    return new PlantedPart(source, random, this.#servers, this.#sums, this.#clients, this.#normals);
  }

  /**
   * All batches of one import, each valid until the next one is asked for.
   *
   * @param flowsOf how many flows are reported in the minute that begins then
   */
  *import(source, from, until, flowsOf) {
    const part = this.part(source);
    for (let minute = from; minute < until; minute += MINUTE) {
      yield* part.flows(minute, minute + MINUTE, Math.round(flowsOf(minute)));
      yield* part.endMinute(minute);
    }
    yield* part.flush();
    yield part.importRow('complete', from, until);
  }
}

/** What comes under one name. Batches are sealed, and valid until the next one is asked for. */
class PlantedPart {
  #source;
  #random;
  #interner = new Interner();
  #servers;
  #sums;
  #clients;
  #normals;
  #flows = new Batch(flows, this.#interner, BATCH_ROWS);
  #counters = new Batch(counters, this.#interner, BATCH_ROWS);
  /** What a minute counts, by service and class. */
  #cells = new Map();
  #rows = 0;

  constructor(source, random, servers, sums, clients, normals) {
    const code = (text) => this.#interner.code(text);
    this.#source = code(source);
    this.#random = random;
    this.#sums = sums;
    this.#normals = normals;
    this.#servers = servers.map(({ site, address, net, prefix }) => ({
      ...site,
      names: site.names.map(code),
      service: code(site.service),
      kind: code(site.kind),
      rule: code(site.rule),
      org: code(site.org),
      country: code(site.country),
      address: code(address),
      net: code(net),
      prefix: code(prefix),
    }));
    this.#clients = clients.map(({ name, address, system, signature }) => ({
      name: code(name),
      address: code(address),
      system: code(system),
      signature: code(signature),
    }));
  }

  /** Flows that are reported at even distances in [from, until): the batches that become full. */
  *flows(from, until, count) {
    for (let i = 0; i < count; i++) {
      this.#flow(Math.floor(from + ((until - from) * i) / count));
      if (this.#flows.full) yield* this.#seal(this.#flows);
    }
  }

  /** The counters of the flows since the last minute. */
  *endMinute(minute) {
    for (const cell of this.#cells.values()) {
      this.#counter(minute, cell);
      if (this.#counters.full) yield* this.#seal(this.#counters);
    }
    this.#cells.clear();
  }

  /** What is in no full batch. */
  *flush() {
    yield* this.#seal(this.#flows);
    yield* this.#seal(this.#counters);
  }

  importRow(state, from, until) {
    const batch = new Batch(imports, this.#interner, 1);
    const { columns } = batch;
    const code = (text) => this.#interner.word(text);
    columns.source[0] = this.#source;
    columns.vantage[0] = code('planted');
    columns.reported_at[0] = until;
    columns.id[0] = this.#source;
    columns.kind[0] = code(state === 'complete' ? 'capture' : 'live');
    columns.name[0] = code('planted');
    columns.row_count[0] = this.#rows;
    columns.first_at[0] = from;
    columns.last_at[0] = until;
    columns.state[0] = code(state);
    batch.end();
    return sealBatch(batch);
  }

  *#seal(batch) {
    if (batch.rows === 0) return;
    this.#rows += batch.rows;
    const sealed = sealBatch(batch);
    yield sealed;
    batch.clear(sealed);
  }

  #normal() {
    return this.#normals[this.#random.word() & (NORMALS - 1)];
  }

  #flow(reportedAt) {
    const random = this.#random;
    const code = (text) => this.#interner.word(text);
    const { columns } = this.#flows;
    const row = this.#flows.begin();
    const rank = findIn(this.#sums, random.unit());
    const server = this.#servers[rank];
    const clientIndex = Math.floor(this.#clients.length * random.unit() ** 2);
    const client = this.#clients[clientIndex];
    const isTcp = !server.isQuic || random.chance(0.4);
    const duration = Math.round(random.exponential(MEAN_DURATION));
    const startedAt = reportedAt - SECOND - duration;
    const isAnswered = random.chance(0.97);
    const upPayload = isAnswered ? Math.round(Math.exp(7 + 1.1 * this.#normal())) : 0;
    const downPayload = isAnswered ? Math.round(Math.exp(8.8 + 1.8 * this.#normal())) : 0;
    const downPackets = isAnswered ? 4 + Math.ceil(downPayload / 1380) : 0;
    const upPackets = isAnswered ? 5 + Math.ceil(upPayload / 1380) + (downPackets >> 1) : 2;
    const upBytes = upPayload + 52 * upPackets;
    const downBytes = downPayload + 52 * downPackets;
    const rtt = Math.round(server.rttUs * Math.exp(0.1 * this.#normal()));
    const name = server.names[random.word() % 3];

    columns.source[row] = this.#source;
    columns.vantage[row] = code('planted');
    columns.reported_at[row] = reportedAt;
    columns.flow_id.set(row, Math.floor(startedAt / SECOND), random.word() | 0);
    columns.started_at[row] = startedAt;
    columns.ended_at[row] = startedAt + duration;
    columns.client[row] = client.name;
    columns.client_ip[row] = client.address;
    columns.client_port[row] = 32_768 + (random.word() & 0x7fff);
    columns.server_ip[row] = server.address;
    columns.server_port[row] = server.port;
    columns.server_net[row] = server.net;
    columns.protocol[row] = code(isTcp ? 'tcp' : 'udp');
    columns.up_packets[row] = upPackets;
    columns.down_packets[row] = downPackets;
    columns.up_bytes[row] = upBytes;
    columns.down_bytes[row] = downBytes;
    columns.up_payload[row] = upPayload;
    columns.down_payload[row] = downPayload;
    columns.max_idle_us[row] = Math.round(duration * random.unit());
    columns.conn_state[row] = code(isAnswered ? 'SF' : 'S0');
    columns.end_reason[row] = code(isTcp && isAnswered ? 'fin' : 'idle');
    if (isTcp) this.#tcp(row, isAnswered);
    if (isAnswered) {
      columns.transfer_us[row] = Math.round(duration * 0.8);
      columns.down_transfer_us[row] = Math.round(duration * 0.7);
      columns.server_rtt_us[row] = rtt;
      columns.server_rtt_min_us[row] = rtt - (random.word() % 500);
      columns.server_rtt_avg_us[row] = rtt + (random.word() % 3000);
      columns.server_rtt_samples[row] = 1 + (downPackets >> 2);
      columns.client_rtt_us[row] = 20_000 + (random.word() % 30_000);
      columns.rtt_source[row] = code(isTcp ? 'syn' : 'quic');
      columns.tls_sni[row] = name;
      columns.alpn.push(code(isTcp ? 'h2' : 'h3'));
      if (isTcp) columns.alpn.push(code('http/1.1'));
      else columns.quic_version[row] = code('1');
      columns.ech_offered[row] = 1;
      columns.sni_is_outer[row] = 0;
    }
    if (random.chance(0.9)) this.#name(row, startedAt, server, name);
    columns.fqdn[row] = name;
    columns.fqdn_source[row] = code(isAnswered ? 'sni' : 'dns');
    columns.service[row] = server.service;
    columns.class[row] = server.kind;
    columns.service_source[row] = code(server.service === 0 ? '' : 'name');
    columns.rule[row] = server.rule;
    columns.rules_version[row] = code('0123456789abcdef');
    columns.server_asn[row] = server.asn;
    columns.server_org[row] = server.org;
    columns.server_prefix[row] = server.prefix;
    columns.server_country[row] = server.country;
    columns.os[row] = client.system;
    columns.os_source[row] = code('syn');
    columns.ip_ttl[row] = 60 + (clientIndex & 3);
    columns.subscriber_source[row] = code('address');
    columns.snaplen_cut[row] = 0;
    if (isTcp) columns.syn_signature[row] = client.signature;
    this.#flows.end();
    this.#count(server, clientIndex, { isTcp, isAnswered, upPackets, downPackets, upBytes, downBytes, rtt });
  }

  #tcp(row, isAnswered) {
    const { columns } = this.#flows;
    const random = this.#random;
    const few = (share) => (random.chance(share) ? 1 + (random.word() & 3) : 0);
    columns.up_retransmits[row] = few(0.05);
    columns.down_retransmits[row] = few(0.08);
    columns.up_reordered[row] = 0;
    columns.down_reordered[row] = few(0.02);
    columns.up_zero_windows[row] = 0;
    columns.down_zero_windows[row] = 0;
    columns.up_keepalives[row] = few(0.03);
    columns.down_keepalives[row] = 0;
    columns.up_syns[row] = isAnswered ? 1 : 2;
    columns.down_syns[row] = isAnswered ? 1 : 0;
    columns.up_fins[row] = isAnswered ? 1 : 0;
    columns.down_fins[row] = isAnswered ? 1 : 0;
    columns.up_rsts[row] = few(0.1);
    columns.down_rsts[row] = 0;
  }

  #name(row, startedAt, server, name) {
    const { columns } = this.#flows;
    const random = this.#random;
    const age = Math.round(random.exponential(20 * SECOND));
    const ttl = [60, 300, 3600][random.word() % 3];
    columns.dns_name[row] = name;
    columns.dns_answered_at[row] = startedAt - age;
    columns.dns_ttl_s[row] = ttl;
    columns.dns_candidates.push(name);
    if (random.chance(0.2)) columns.dns_candidates.push(server.names[0] === name ? server.names[1] : server.names[0]);
    columns.dns_evidence[row] = this.#interner.word(age <= ttl * SECOND ? 'valid' : 'expired');
  }

  #count(server, client, flow) {
    const key = server.service * 0x10000 + server.kind;
    let cell = this.#cells.get(key);
    if (cell === undefined) {
      const registers = new Uint8Array(HLL_REGISTERS);
      cell = { server, registers, flows: 0, tcp: 0, answered: 0, up: 0, down: 0, upBytes: 0, downBytes: 0, rtt: 0 };
      this.#cells.set(key, cell);
    }
    addToHll(cell.registers, Math.imul(client + 1, 0x9e3779b1));
    cell.flows++;
    cell.tcp += flow.isTcp ? 1 : 0;
    cell.answered += flow.isAnswered ? 1 : 0;
    cell.up += flow.upPackets;
    cell.down += flow.downPackets;
    cell.upBytes += flow.upBytes;
    cell.downBytes += flow.downBytes;
    cell.rtt += flow.isAnswered ? flow.rtt : 0;
  }

  /** Where a flow is counted is where it is reported: what is measured is speed. */
  #counter(minute, cell) {
    const { columns } = this.#counters;
    const row = this.#counters.begin();
    columns.source[row] = this.#source;
    columns.vantage[row] = this.#interner.word('planted');
    columns.reported_at[row] = minute + 2 * MINUTE;
    columns.minute_at[row] = minute;
    columns.service[row] = cell.server.service;
    columns.class[row] = cell.server.kind;
    columns.flows_opened[row] = cell.flows;
    columns.syns[row] = cell.tcp;
    columns.synacks[row] = Math.min(cell.tcp, cell.answered);
    columns.rsts[row] = 0;
    columns.fins[row] = 2 * Math.min(cell.tcp, cell.answered);
    columns.up_packets[row] = cell.up;
    columns.down_packets[row] = cell.down;
    columns.up_bytes[row] = cell.upBytes;
    columns.down_bytes[row] = cell.downBytes;
    for (const entry of packHll(cell.registers)) columns.users_hll.push(entry);
    columns.server_rtt_us_sum[row] = cell.rtt;
    columns.server_rtt_us_n[row] = cell.answered;
    columns.dns_ok[row] = cell.flows;
    columns.dns_nxdomain[row] = 0;
    columns.dns_servfail[row] = 0;
    columns.dns_timeout[row] = 0;
    this.#counters.end();
  }
}
