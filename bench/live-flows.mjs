/** A million flows live at once, and a million answers held: packets a CPU second, and bytes a flow and an answer. */
import { Random } from '../dist/kit/random.js';
import { LinkType } from '../dist/packet/frame-sink.js';
import { TcpFlag } from '../dist/packet/layers.js';
import { LabelledTickets } from '../dist/pipeline/labelled-tickets.js';
import { toDnsMessage } from '../dist/synth/dns-message.js';
import { FrameBuilder } from '../dist/synth/frame.js';
import { literal, opaque } from '../dist/synth/payload.js';
import { plainSyn } from '../dist/synth/tcp-segments.js';
import { toClientHello } from '../dist/synth/tls-handshake.js';
import { labelOptions } from './label-options.mjs';
import { memoryInUse } from './memory.mjs';

const CLIENTS = 100_000;
const SERVERS_A_CLIENT = 10;
const FLOWS = CLIENTS * SERVERS_A_CLIENT;
const SERVERS = 20_011;
/** Transactions before anything is measured. */
const WARM_UP = 10_000;
const STEADY_PACKETS = 6_000_000;
/** Flows whose packets are mixed while they open. */
const BLOCK = 1000;
const START = Date.UTC(2014, 1, 18, 18) * 1e6;
const HEADERS = {
  source: 26,
  destination: 30,
  ports: 34,
  sequence: 38,
  acknowledgement: 42,
  payload: 54,
  udpPayload: 42,
};
const { SYN, ACK, PSH } = TcpFlag;

const clientWord = (client) => (10 << 24) | (client + 1);
const serverWord = (server) => ((198 << 24) | (18 << 16) | server) >>> 0;
/** Of one length, so that it can be written over another. */
const serverName = (server) => `host${String(server).padStart(6, '0')}.example.com`;
const serverOf = (client, turn) => (client * 7 + turn * 1999) % SERVERS;

const placeholder = { address: Uint8Array.of(10, 0, 0, 1), port: 1 };
const build = (use) =>
  use(new FrameBuilder({ client: placeholder, server: placeholder, clientTtl: 63, serverTtl: 52 })).bytes;

/** A packet made once and written over for each flow; its checksums are wrong then, and nothing here reads them. */
class Template {
  constructor(use) {
    this.bytes = build(use);
    this.view = new DataView(this.bytes.buffer);
  }

  play(probe, at, source, destination, sourcePort, destinationPort) {
    const { bytes, view } = this;
    view.setUint32(HEADERS.source, source);
    view.setUint32(HEADERS.destination, destination);
    view.setUint16(HEADERS.ports, sourcePort);
    view.setUint16(HEADERS.ports + 2, destinationPort);
    probe.frame(bytes, 0, bytes.length, bytes.length, at, LinkType.ETHERNET);
  }

  sequence(sequence, acknowledgement) {
    this.view.setUint32(HEADERS.sequence, sequence);
    this.view.setUint32(HEADERS.acknowledgement, acknowledgement);
    return this;
  }

  text(at, text) {
    this.bytes.set(Buffer.from(text, 'latin1'), at);
    return this;
  }
}

const question = { id: 7, name: serverName(0), type: 'A' };
const data = '198.18.0.0';
const response = { rcode: 'NOERROR', answers: [{ name: question.name, type: 'A', ttlS: 300, data }] };
const ask = new Template((path) => path.udp(0, 'up', toDnsMessage(question)));
const answer = new Template((path) => path.udp(0, 'down', toDnsMessage({ ...question, response })));
/** In a message the name follows the header and the length of its first label. */
const NAME_AT = HEADERS.udpPayload + 13;
const labels = (name) => name.split('.').map((label, i) => (i === 0 ? '' : String.fromCharCode(label.length)) + label);

const segment = (direction, flags, payload, more = {}) =>
  new Template((path) =>
    path.tcp(
      0,
      direction,
      { sequence: 0, acknowledgment: 0, flags, window: 29_200, ...more },
      payload,
      0,
      payload?.length,
    ),
  );
const hello = toClientHello({ serverName: serverName(0), alpn: ['h2', 'http/1.1'] }, new Random(1));
const SNI_AT = HEADERS.payload + Buffer.from(hello).indexOf(serverName(0));
const DOWN_BYTES = 1200;
const syn = segment('up', SYN, undefined, plainSyn);
const synAck = segment('down', SYN | ACK, undefined, plainSyn);
const ack = segment('up', ACK);
const clientHello = segment('up', ACK | PSH, literal(hello));
const download = segment('down', ACK | PSH, opaque(DOWN_BYTES));

// An epoch ends when this file says so.
const tickets = new LabelledTickets({ ...labelOptions, epochSize: 1 });
const { probe } = tickets;
let at = START;

/** The tickets are thrown away. */
const drain = () => {
  tickets.sealed.length = 0;
};

/** Runs a stage and tells packets, CPU seconds, and what memory it left in use. */
const stage = (play) => {
  const before = { ...memoryInUse(), packets: probe.packets };
  const began = process.cpuUsage();
  play();
  const { user, system } = process.cpuUsage(began);
  const after = memoryInUse();
  return {
    packets: probe.packets - before.packets,
    cpuS: (user + system) / 1e6,
    inUse: after.inUse - before.inUse,
    rss: after.rss - before.rss,
    rssAfter: after.rss,
  };
};

const resolver = serverWord(65_535);

const transact = (client, turn) => {
  const server = serverOf(client, turn);
  const name = labels(serverName(server)).join('');
  ask.text(NAME_AT, name).play(probe, at, clientWord(client), resolver, 40_000, 53);
  answer.text(NAME_AT, name).view.setUint32(answer.bytes.length - 4, serverWord(server));
  answer.play(probe, at + 900, resolver, clientWord(client), 53, 40_000);
  // So slow that few flows to the resolver live at once: the table of flows is to grow with the connections.
  at += 30_000;
  if (client % BLOCK === 0) drain();
};

// What is paid once, batches and the table of flows to the resolver among it, is no part of an answer.
for (let client = CLIENTS; client < CLIENTS + WARM_UP; client++) transact(client, 0);

const answers = stage(() => {
  for (let turn = 0; turn < SERVERS_A_CLIENT; turn++) {
    for (let client = 0; client < CLIENTS; client++) transact(client, turn);
  }
  // Names of tickets that are over would go with the epoch, of which they are most.
  tickets.tidy();
  drain();
});

const portOf = (turn) => 41_000 + turn;
const sequences = new Uint32Array(2 * FLOWS).fill(1);

const opened = stage(() => {
  for (let first = 0; first < FLOWS; first += BLOCK) {
    const each = (play) => {
      for (let flow = first; flow < first + BLOCK; flow++) {
        const client = flow % CLIENTS;
        const turn = Math.floor(flow / CLIENTS);
        play(clientWord(client), serverWord(serverOf(client, turn)), portOf(turn), flow);
        at += 8;
      }
    };
    each((client, server, port) => syn.sequence(0, 0).play(probe, at, client, server, port, 443));
    each((client, server, port) => synAck.sequence(0, 1).play(probe, at, server, client, 443, port));
    each((client, server, port) => ack.sequence(1, 1).play(probe, at, client, server, port, 443));
    each((client, server, port, flow) => {
      const name = serverName(serverOf(client - clientWord(0), Math.floor(flow / CLIENTS)));
      clientHello.text(SNI_AT, name).sequence(1, 1).play(probe, at, client, server, port, 443);
      sequences[2 * flow] += hello.length;
    });
    each((client, server, port, flow) => {
      download.sequence(1, sequences[2 * flow]).play(probe, at, server, client, 443, port);
      sequences[2 * flow + 1] += DOWN_BYTES;
    });
    each((client, server, port, flow) =>
      ack.sequence(sequences[2 * flow], sequences[2 * flow + 1]).play(probe, at, client, server, port, 443),
    );
    drain();
  }
});
const live = probe.flows.size;

const random = new Random(1);
const steady = stage(() => {
  for (let packet = 0; packet < STEADY_PACKETS; packet += 2) {
    const flow = random.between(0, FLOWS - 1);
    const client = flow % CLIENTS;
    const turn = Math.floor(flow / CLIENTS);
    const server = serverWord(serverOf(client, turn));
    download
      .sequence(sequences[2 * flow + 1], sequences[2 * flow])
      .play(probe, at, server, clientWord(client), 443, portOf(turn));
    sequences[2 * flow + 1] += DOWN_BYTES;
    ack
      .sequence(sequences[2 * flow], sequences[2 * flow + 1])
      .play(probe, at + 20, clientWord(client), server, portOf(turn), 443);
    at += 100;
    if (packet % (8 * BLOCK) === 0) drain();
  }
});

const line = (...cells) => console.log(`| ${cells.join(' | ')} |`);
const millions = (value) => (value / 1e6).toFixed(2);
console.log(
  `${CLIENTS.toLocaleString('en')} clients ask for ${SERVERS_A_CLIENT} names each and open a TLS connection to each answer; none is closed. ${live.toLocaleString('en')} flows live, ${probe.reasons[0].toLocaleString('en')} packets. The packets are made as they are played, which is in the CPU seconds.\n`,
);
line('', 'packets', 'CPU s', 'M packets / CPU s', 'MB more in use', 'MB more resident');
line(...Array(6).fill('---'));
for (const [name, { packets, cpuS, inUse, rss }] of Object.entries({
  'questions and answers': answers,
  'connections open': opened,
  'data on all of them': steady,
})) {
  line(
    name,
    packets.toLocaleString('en'),
    cpuS.toFixed(2),
    (packets / cpuS / 1e6).toFixed(2),
    millions(inUse),
    millions(rss),
  );
}
console.log();
line('', 'bytes in use', 'bytes resident', 'wanted');
line(...Array(4).fill('---'));
line('a live answer', (answers.inUse / FLOWS).toFixed(0), (answers.rss / FLOWS).toFixed(0), 'at most 64');
line(
  'a live flow',
  ((opened.inUse + steady.inUse) / live).toFixed(0),
  ((opened.rss + steady.rss) / live).toFixed(0),
  'at most 400',
);
