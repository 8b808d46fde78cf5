import { type Answer, decode, encode, type Packet, type StringAnswer } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Interner } from '../kit/interner.ts';
import { qtypeName, rcodeName } from './dns-codes.ts';
import { DnsMessage } from './dns-message.ts';

const interner = new Interner();
const textOf = (code: number): string => interner.text(code);

/** All that a decoder tells of a message. */
const read = (bytes: Uint8Array, message = new DnsMessage(interner), start = 0, end = bytes.length) => {
  const ok = message.decode(bytes, start, end);
  return {
    ok,
    fault: message.fault,
    id: message.id,
    isResponse: message.isResponse,
    opcode: message.opcode,
    truncated: message.truncated,
    rcode: rcodeName(message.rcode),
    questionCount: message.questionCount,
    question: [textOf(message.qname), qtypeName(message.qtype), message.qclass],
    aliases: message.aliases.map(textOf),
    answers: Array.from({ length: message.answerCount }, (_, i) => message.answerText(i)),
    ttlsS: [...message.ttlsS.subarray(0, message.answerCount)],
    addresses: Array.from({ length: message.answerCount }, (_, i) =>
      Buffer.from(bytes.subarray(message.answerAt[i]!, message.answerAt[i]! + message.addressBytes[i]!)).toString(
        'hex',
      ),
    ),
    echConfig: message.echConfig,
  };
};

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');

const question = { type: 'A', name: 'g.whatsapp.net' } as const;
const alias = (name: string, data: string, ttl: number): Answer => ({ type: 'CNAME', name, data, ttl });
const address = (name: string, data: string, ttl: number): Answer => ({ type: 'A', name, data, ttl });
const response = (packet: Packet): Buffer => encode({ type: 'response', id: 7, questions: [question], ...packet });

const query = hex('abcd 0100 0001 0000 0000 0000 0147 08576861 74734170 70 036e6574 00 001c 0001');

test('a query: id, flags and question, with 0x20 case folded', () => {
  expect(read(query)).toEqual({
    ok: true,
    fault: '',
    id: 0xabcd,
    isResponse: false,
    opcode: 0,
    truncated: false,
    rcode: 'NOERROR',
    questionCount: 1,
    question: ['g.whatsapp.net', 'AAAA', 1],
    aliases: [],
    answers: [],
    ttlsS: [],
    addresses: [],
    echConfig: false,
  });
});

const answer = hex(`
  1234 8180 0001 0003 0000 0000
  0167 08776861 74736170 70 036e6574 00 0001 0001
  c00c 0005 0001 00000e10 000b 0463686174 0363646e c00e
  c02c 0001 0001 0000003c 0004 9df01435
  c02c 0001 0001 0000003c 0004 9df01535`);

const answerRead = {
  ok: true,
  fault: '',
  id: 0x1234,
  isResponse: true,
  opcode: 0,
  truncated: false,
  rcode: 'NOERROR',
  questionCount: 1,
  question: ['g.whatsapp.net', 'A', 1],
  aliases: ['chat.cdn.whatsapp.net'],
  answers: ['157.240.20.53', '157.240.21.53'],
  ttlsS: [60, 60],
  addresses: ['9df01435', '9df01535'],
  echConfig: false,
};

test('a response: aliases, answers, the place of each address', () => {
  expect(read(answer)).toEqual(answerRead);
});

test('a message may stand anywhere in the bytes', () => {
  const around = Buffer.concat([Buffer.alloc(99, 0xff), answer, Buffer.alloc(99, 0xff)]);
  expect(read(around, new DnsMessage(interner), 99, 99 + answer.length)).toEqual(answerRead);
});

test('a decoder keeps nothing of the message before', () => {
  const message = new DnsMessage(interner);
  read(answer, message);
  expect(read(query, message)).toEqual(read(query));
  read(Buffer.alloc(3), message);
  expect(read(answer, message)).toEqual(answerRead);
});

test('an answer lives as long as the shortest-lived alias before it', () => {
  const answers = [
    address('c.net', '192.0.2.1', 300),
    alias('b.net', 'c.net', 200),
    alias(question.name, 'b.net', 100),
    address('c.net', '192.0.2.2', 50),
    address('other.net', '192.0.2.3', 900),
  ];
  expect(read(response({ answers }))).toMatchObject({
    aliases: ['b.net', 'c.net'],
    answers: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
    ttlsS: [100, 50, 900],
    // The last one answers another question.
    addresses: ['c0000201', 'c0000202', ''],
  });
});

test('a TTL with its top bit set is zero (RFC 2181 section 8)', () => {
  expect(read(response({ answers: [address(question.name, '192.0.2.1', 0x80000001)] })).ttlsS).toEqual([0]);
});

test('owners match whatever their case', () => {
  expect(read(response({ answers: [address('G.WhatsApp.NET', '192.0.2.1', 5)] })).addresses).toEqual(['c0000201']);
});

test('the response code has upper bits in the EDNS record', () => {
  const opt: Answer = {
    type: 'OPT',
    name: '.',
    udpPayloadSize: 1232,
    extendedRcode: 1,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options: [],
  };
  expect(read(response({ additionals: [opt] })).rcode).toBe('BADVERS');
});

test('flags: an error, truncation, another opcode', () => {
  expect(read(hex('0001 8203 0000 0000 0000 0000'))).toMatchObject({
    truncated: true,
    rcode: 'NXDOMAIN',
    question: ['', '', -1],
  });
  expect(read(hex('0001 2800 0000 0000 0000 0000'))).toMatchObject({ isResponse: false, opcode: 5 });
});

test('mDNS: the top bit of the class is no part of it, and the answer names the response', () => {
  const bytes = hex('0000 8400 0000 0001 0000 0000 0561 6c696365 056c6f63 616c 00 0001 8001 00000078 0004 c0000201');
  expect(read(bytes)).toMatchObject({
    question: ['alice.local', '', -1],
    answers: ['192.0.2.1'],
    addresses: ['c0000201'],
    ttlsS: [120],
  });
});

test('an address of another class is none', () => {
  const bytes = hex('0000 8400 0000 0001 0000 0000 0161 00 0001 0003 00000078 0004 c0000201');
  expect(read(bytes).addresses).toEqual(['']);
});

test('an HTTPS answer with ECH is told; its address hints name nothing', () => {
  const record = 'c00c 0041 0001 0000012c 0013 0001 00 0004 0004 c0000201 0005 0004 00010203';
  const bytes = hex(`0001 8180 0001 0001 0000 0000 0161 00 0041 0001 ${record}`);
  expect(read(bytes)).toMatchObject({
    answers: ['1 . ipv4hint=192.0.2.1 ech=AAECAw=='],
    addresses: [''],
    echConfig: true,
  });
});

describe('what is broken', () => {
  test('less than a header is nothing', () => {
    expect(read(answer.subarray(0, 11))).toMatchObject({ ok: false, fault: 'short' });
  });

  test('a response that is cut gives the answers before the cut', () => {
    expect(read(answer.subarray(0, answer.length - 1))).toEqual({
      ...answerRead,
      fault: 'cut',
      answers: ['157.240.20.53'],
      ttlsS: [60],
      addresses: ['9df01435'],
    });
  });

  test('without its question a message is nothing', () => {
    expect(read(answer.subarray(0, 20))).toMatchObject({ ok: false, fault: 'cut' });
    expect(read(hex('0001 0100 0001 0000 0000 0000 4161 00 0001 0001'))).toMatchObject({ ok: false, fault: 'name' });
    expect(read(hex('0001 0100 0001 0000 0000 0000 c00c 0001 0001'))).toMatchObject({ ok: false, fault: 'name' });
  });

  test('an alias whose target is broken is an answer in hex', () => {
    const bytes = hex('0001 8180 0001 0001 0000 0000 0161 00 0001 0001 c00c 0005 0001 00000005 0002 c0ff');
    expect(read(bytes)).toMatchObject({ fault: '', aliases: [], answers: ['TYPE5 \\# 2 c0ff'] });
  });

  test('answers beyond 1,024 and aliases beyond 32 are not kept', () => {
    const answers = Array.from({ length: 1025 }, () => address(question.name, '192.0.2.1', 5));
    const kept = read(response({ answers }));
    expect([kept.fault, kept.answers.length]).toEqual(['capped', 1024]);
    const chain = Array.from({ length: 40 }, (_, i) => alias(i === 0 ? question.name : `n${i}`, `n${i + 1}`, 5));
    expect(read(response({ answers: chain }))).toMatchObject({ fault: 'capped', aliases: { length: 32 } });
  });
});

const label = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const anyName = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
const ttl = fc.integer({ min: 0, max: 0x7fffffff });
const byte = fc.integer({ min: 0, max: 255 });
const anyRecord: fc.Arbitrary<StringAnswer> = fc.oneof(
  fc.record({
    type: fc.constant('A' as const),
    name: anyName,
    ttl,
    data: fc.tuple(byte, byte, byte, byte).map((b) => b.join('.')),
  }),
  fc.record({ type: fc.constantFrom('NS' as const, 'PTR' as const), name: anyName, ttl, data: anyName }),
);

/** The same letters in random case, as resolvers with 0x20 send them. */
const mixCase = (name: string, bits: readonly boolean[]): string =>
  Array.from(name, (c, i) => (bits[i % bits.length] ? c.toUpperCase() : c)).join('');

describe('dns-packet agrees', () => {
  const bits = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 });

  test('on any message that it encodes', () => {
    fc.assert(
      fc.property(
        anyName,
        bits,
        fc.integer({ min: 0, max: 65535 }),
        fc.array(anyRecord, { maxLength: 12 }),
        (qname, mix, id, answers) => {
          const questions = [{ type: 'AAAA' as const, name: mixCase(qname, mix) }];
          const bytes = encode({ type: 'response', id, questions, answers });
          expect(read(bytes)).toMatchObject({
            fault: '',
            id,
            question: [qname, 'AAAA', 1],
            answers: answers.map((a) => a.data),
            ttlsS: answers.map((a) => a.ttl),
          });
        },
      ),
    );
  });

  test('on any alias chain, in any order, with names compressed', () => {
    const chains = fc.uniqueArray(anyName, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(chains, bits, fc.array(ttl, { minLength: 9, maxLength: 9 }), fc.nat(), (names, mix, ttls, turn) => {
        const records = names.slice(1).map((target, i) => ({ owner: names[i]!, type: 5, ttl: ttls[i]!, target }));
        records.push({ owner: names.at(-1)!, type: 1, ttl: ttls[8]!, target: '' });
        const turned = records.map((_, i) => records[(i + turn) % records.length]!);
        const bytes = encodeCompressed(names[0]!, mix, turned);
        const expected = {
          question: [names[0], 'A', 1],
          aliases: names.slice(1),
          answers: ['192.0.2.1'],
          ttlsS: [Math.min(ttls[8]!, ...ttls.slice(0, names.length - 1))],
          addresses: ['c0000201'],
        };
        expect(read(bytes)).toMatchObject(expected);
        const theirs = decode(bytes).answers!.filter((a) => a.type === 'CNAME') as StringAnswer[];
        expect(theirs.map((a) => a.data.toLowerCase()).sort()).toEqual(names.slice(1).sort());
      }),
    );
  });
});

interface Record {
  readonly owner: string;
  readonly type: number;
  readonly ttl: number;
  readonly target: string;
}

/** A response in which every suffix of a name that stood before is a pointer; the first question in mixed case. */
const encodeCompressed = (qname: string, mix: readonly boolean[], records: readonly Record[]): Buffer => {
  const out: number[] = [0, 1, 0x81, 0x80, 0, 1, 0, records.length, 0, 0, 0, 0];
  const places = new Map<string, number>();
  const putName = (name: string, write = name): void => {
    const labels = name.split('.');
    const written = write.split('.');
    for (const [i, text] of written.entries()) {
      const suffix = labels.slice(i).join('.');
      const place = places.get(suffix);
      if (place !== undefined) {
        out.push(0xc0 | (place >> 8), place & 255);
        return;
      }
      places.set(suffix, out.length);
      out.push(text.length, ...Buffer.from(text));
    }
    out.push(0);
  };
  putName(qname, mixCase(qname, mix));
  out.push(0, 1, 0, 1);
  for (const { owner, type, ttl: seconds, target } of records) {
    putName(owner);
    out.push(0, type, 0, 1, seconds >>> 24, (seconds >> 16) & 255, (seconds >> 8) & 255, seconds & 255, 0, 0);
    const dataAt = out.length;
    if (type === 5) putName(target);
    else out.push(192, 0, 2, 1);
    out[dataAt - 1] = out.length - dataAt;
  }
  return Buffer.from(out);
};

describe('hostile bytes', () => {
  const whole = response({
    answers: [
      alias(question.name, 'b.net', 100),
      address('b.net', '192.0.2.1', 50),
      { type: 'TXT', name: 'b.net', data: ['hello', 'world'] },
      { type: 'SRV', name: 'b.net', data: { port: 1, target: 'c.net' } },
      { type: 'SOA', name: 'b.net', data: { mname: 'x.net', rname: 'y.net' } },
    ],
  });

  test('every truncation of a message gives a beginning of its answers', () => {
    const all = read(whole).answers;
    for (let end = 0; end < whole.length; end++) {
      const cut = read(whole, new DnsMessage(interner), 0, end);
      expect(cut.answers).toEqual(all.slice(0, cut.answers.length));
      expect(cut.fault).not.toBe('');
    }
  });

  test('any mutation is read or refused, never thrown at', () => {
    const message = new DnsMessage(interner);
    const mutation = fc.tuple(fc.nat(whole.length - 1), byte);
    fc.assert(
      fc.property(fc.array(mutation, { minLength: 1, maxLength: 12 }), fc.nat(whole.length), (mutations, end) => {
        const bytes = Buffer.from(whole);
        for (const [at, value] of mutations) bytes[at] = value;
        const result = read(bytes, message, 0, end);
        expect(result.answers.length + result.aliases.length).toBeLessThanOrEqual(end / 11);
      }),
      { numRuns: 5000 },
    );
  });

  test('the worst 64 KiB take milliseconds: long names, each through a chain of pointers', () => {
    const bytes = Buffer.alloc(65_535);
    hex('0001 8180 0001 1800 0000 0000').copy(bytes);
    let at = 12;
    for (let i = 0; i < 3; i++) at = bytes.writeUInt8(63, at) + 63;
    at += 1 + 4;
    // The chain of pointers is the data of a first record.
    at = bytes.writeUInt16BE(240, at + 9);
    const pointersAt = at;
    for (let i = 0; i < 120; i++) at = bytes.writeUInt16BE(0xc000 | (i === 0 ? 12 : at - 2), at);
    for (let i = 0; at + 14 <= bytes.length; i++) {
      at = bytes.writeUInt16BE(0xc000 | (pointersAt + 2 * (119 - (i % 40))), at);
      at = bytes.writeUInt16BE(i % 3 === 0 ? 5 : 2, at);
      at = bytes.writeUInt16BE(1, at) + 4;
      at = bytes.writeUInt16BE(2, at);
      at = bytes.writeUInt16BE(0xc000 | (pointersAt + 2 * (119 - (i % 50))), at);
    }
    const message = new DnsMessage(interner);
    const began = process.cpuUsage();
    const result = read(bytes, message);
    const spent = process.cpuUsage(began);
    expect(result.ok).toBe(true);
    expect(result.answers.length + result.aliases.length).toBeGreaterThan(1000);
    expect((spent.user + spent.system) / 1000).toBeLessThan(500);
  });
});
