import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { TcpFlag } from '../packet/layers.ts';
import type { Direction, Frame } from '../synth/frame.ts';
import { literal } from '../synth/payload.ts';
import type { ProbeOptions } from './probe.ts';

const { FIN, SYN, ACK } = TcpFlag;
const MS = 1000;
const T = Date.UTC(2014, 1, 22, 18) * 1000;
/** The streams wrap within their first hundred bytes. */
const first: Record<Direction, number> = { up: 0xffff_ffb0, down: 0xffff_ffa0 };
const builder = between(end('10.0.0.1', 40_000), end('198.51.100.7', 80));

const numbers = (direction: Direction, from: number, ack: number, flags: number) => ({
  sequence: (first[direction] + 1 + from) >>> 0,
  acknowledgment: (first[direction === 'up' ? 'down' : 'up'] + 1 + ack) >>> 0,
  flags,
  window: 100,
});

const handshake = [
  builder.tcp(T, 'up', { sequence: first.up, acknowledgment: 0, flags: SYN, window: 100 }),
  builder.tcp(T + 10 * MS, 'down', numbers('down', -1, 0, SYN | ACK)),
  builder.tcp(T + 20 * MS, 'up', numbers('up', 0, 0, ACK)),
];

interface Said {
  readonly direction: Direction;
  readonly text: string;
}
const up = (text: string): Said => ({ direction: 'up', text });
const down = (text: string): Said => ({ direction: 'down', text });

/**
 * What two ends say to each other, a segment each, 10 ms apart and from 100 ms after T on; each knows all that the
 * other said before, or what `acks` says.
 */
const talk = (said: readonly Said[], acks: readonly (number | undefined)[] = []): Frame[] => {
  const sent = { up: 0, down: 0 };
  return said.map(({ direction, text }, i) => {
    const bytes = Buffer.from(text, 'latin1');
    const known = acks[i] ?? sent[direction === 'up' ? 'down' : 'up'];
    const from = sent[direction];
    sent[direction] += bytes.length;
    return builder.tcp(
      T + (100 + 10 * i) * MS,
      direction,
      numbers(direction, from, known, ACK),
      literal(bytes),
      0,
      bytes.length,
    );
  });
};

const rowsOf = (frames: readonly Frame[], options: Partial<ProbeOptions> = {}) =>
  new RecordingProbe(options).play(...frames).finish().http;

/** What tells the rows apart. */
const brief = (frames: readonly Frame[]) =>
  rowsOf(frames).map(({ method, path, status }) => `${method || '-'} ${path || '-'} ${status ?? '-'}`);

const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a.example\r\n\r\n`;
const response = (content: string, status = 200): string =>
  `HTTP/1.1 ${status} X\r\nContent-Length: ${content.length}\r\n\r\n${content}`;

test('a request and its response are a row', () => {
  const frames = talk([
    up('GET /x/y.jpg?secret=1 HTTP/1.1\r\nHost: Media.WhatsApp.net\r\nUser-Agent: WhatsApp/2.11\r\n\r\n'),
    down('HTTP/1.1 200 OK\r\nContent-Type: image/jpeg; a=b\r\nContent-Length: 4\r\n\r\nbody'),
  ]);
  const recording = new RecordingProbe().play(...handshake, ...frames).finish();
  expect(recording.http).toEqual([
    {
      source: '',
      vantage: '',
      reported_at: T + 110 * MS,
      requested_at: T + 100 * MS,
      flow_id: recording.flows[0]!.flow_id,
      client: '10.0.0.1',
      client_ip: '10.0.0.1',
      method: 'GET',
      host: 'media.whatsapp.net',
      path: '/x/y.jpg',
      user_agent: 'WhatsApp/2.11',
      status: 200,
      content_type: 'image/jpeg',
      content_length: 4,
      latency_us: 10 * MS,
    },
  ]);
  expect(recording.flows[0]).toMatchObject({ http_host: 'media.whatsapp.net' });
  expect(rowsOf([...handshake, ...frames], { keepQuery: true })[0]!.path).toBe('/x/y.jpg?secret=1');
});

test('a connection carries many, and the first names the flow', () => {
  const second = get('/b').replace('a.example', 'b.example');
  const frames = talk([up(get('/a')), down(response('aa')), up(second), down(response('bb', 404)), up(get('/c'))]);
  expect(brief([...handshake, ...frames])).toEqual(['GET /a 200', 'GET /b 404', 'GET /c -']);
  const { flows, names } = new RecordingProbe().play(...handshake, ...frames).finish();
  expect([flows[0]!.http_host, names]).toEqual(['a.example', ['http a.example']]);
});

test('requests may be sent ahead, several in a segment, and so may their responses', () => {
  const frames = talk([
    up(get('/a') + get('/b')),
    up(get('/c')),
    down(response('a') + response('', 304) + response('c', 201)),
  ]);
  expect(brief([...handshake, ...frames])).toEqual(['GET /a 200', 'GET /b 304', 'GET /c 201']);
});

describe('content is passed over', () => {
  const next = [up(get('/next')), down(response('', 204))];
  const both = ['POST /x 200', 'GET /next 204'];
  const post = (fields: string, content: string): string =>
    `POST /x HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${content}`;
  test.each([
    ['by its length', [up(post('Content-Length: 9', 'GET / HTT')), down(response('HTTP/1.1 '))]],
    [
      'by its chunks',
      [
        up(post('Transfer-Encoding: chunked', '3;x=y\r\nabc\r\n1\r\n\n\r\n0\r\n\r\n')),
        down('HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHTTP/\r\n0\r\nTrailer: x\r\n\r\n'),
      ],
    ],
    ['with empty lines behind it', [up(`${post('Content-Length: 1', 'x')}\r\n`), down(response('x'))]],
    [
      'with bare line feeds',
      [
        up(post('Transfer-Encoding: chunked', '1\nx\n0\n\n').replaceAll('\r', '')),
        down(response('x').replaceAll('\r', '')),
      ],
    ],
  ])('%s', (_, said) => {
    expect(brief([...handshake, ...talk([...said, ...next])])).toEqual(both);
  });

  test('though none of it, and of the heads behind it all, was captured in any order', () => {
    const frames = talk([
      up(get('/a')),
      down(response('a'.repeat(50))),
      down(response('b'.repeat(5000))),
      up(get('/b')),
    ]);
    expect(brief([...handshake, ...frames])).toEqual(['GET /a 200', '- - 200', 'GET /b -']);
  });

  test.each([
    ['HEAD', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 700\r\n\r\n'],
    ['204', 'DELETE', 'HTTP/1.1 204 Gone\r\n\r\n'],
    ['304', 'GET', 'HTTP/1.1 304 X\r\nContent-Length: 700\r\n\r\n'],
  ])('of %s there is none', (_, method, answer) => {
    const frames = talk([up(get('/a').replace('GET', method)), down(answer), up(get('/b')), down(response('b'))]);
    expect(brief([...handshake, ...frames])).toEqual([`${method} /a ${answer.slice(9, 12)}`, 'GET /b 200']);
  });

  test('to the end of the connection where nothing tells its length', () => {
    const frames = talk([up(get('/a')), down('HTTP/1.1 200 OK\r\n\r\n'), down(response('not a response'))]);
    expect(brief([...handshake, ...frames])).toEqual(['GET /a 200']);
  });

  test('of 5 GB, whose sequence numbers wrap', () => {
    const length = 5e9;
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;
    const [ask, answer] = talk([up(get('/a')), down(head)]) as [Frame, Frame];
    const at = (offset: number, text: string): Frame => {
      const bytes = Buffer.from(text);
      return builder.tcp(
        T + 200 * MS,
        'down',
        numbers('down', (head.length + offset) % 2 ** 32, get('/a').length, ACK),
        literal(bytes),
        0,
        bytes.length,
      );
    };
    const steps = Array.from({ length: 10 }, (_, i) => at(i * 5e8, response('inside')));
    expect(brief([...handshake, ask, answer, ...steps, at(length, response('behind', 500))])).toEqual([
      'GET /a 200',
      '- - 500',
    ]);
  });
});

describe('responses on the way', () => {
  test('are not the answer', () => {
    const post = 'POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 14\r\n\r\n';
    const frames = talk([
      up(post),
      down('HTTP/1.1 100 Continue\r\n\r\n'),
      up('GET / HTTP/1.1'),
      down(response('', 201)),
      up(get('/y')),
    ]);
    expect(brief([...handshake, ...frames])).toEqual(['POST /x 201', 'GET /y -']);
  });

  test('a client that was not given leave may keep its content and ask something else', () => {
    const post = 'POST /x HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n';
    const frames = talk([up(post), down(response('', 417)), up(get('/y')), down(response('y'))]);
    expect(brief([...handshake, ...frames])).toEqual(['POST /x 417', 'GET /y 200']);
  });

  test('what follows a switch of protocols is none of HTTP', () => {
    const frames = talk([
      up(get('/ws')),
      down('HTTP/1.1 101 Switching Protocols\r\n\r\n'),
      up(get('/inside')),
      down(response('x')),
    ]);
    expect(brief([...handshake, ...frames])).toEqual(['GET /ws 101']);
  });
});

describe('a proxy', () => {
  const connect = 'CONNECT web.whatsapp.com:443 HTTP/1.1\r\nHost: web.whatsapp.com\r\n\r\n';
  test('is asked for other hosts', () => {
    const frames = talk([up('GET http://a.example/x?y HTTP/1.1\r\n\r\n'), down(response('x'))]);
    expect(rowsOf([...handshake, ...frames])).toMatchObject([{ host: 'a.example', path: '/x', status: 200 }]);
  });

  test('makes a tunnel, which is not looked into for HTTP', () => {
    const frames = talk([up(connect), down('HTTP/1.1 200 OK\r\n\r\n'), up(get('/inside')), down(response('x'))]);
    expect(rowsOf([...handshake, ...frames])).toMatchObject([
      { method: 'CONNECT', host: 'web.whatsapp.com', path: '', status: 200 },
    ]);
  });

  test('may refuse to, and be asked again', () => {
    const frames = talk([
      up(connect),
      down(response('who?', 407)),
      up(connect),
      down('HTTP/1.0 200 OK\r\n\r\n'),
      up(get('/inside')),
    ]);
    expect(brief([...handshake, ...frames])).toEqual(['CONNECT - 407', 'CONNECT - 200']);
  });
});

describe('heads over several segments', () => {
  const request = `GET /long HTTP/1.1\r\nHost: a.example\r\nX: ${'x'.repeat(300)}\r\n\r\n`;
  const answer = `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(300)}\r\nContent-Length: 3\r\n\r\nabc`;
  const cut = (said: Said, size: number): Said[] =>
    Array.from({ length: Math.ceil(said.text.length / size) }, (_, i) => ({
      ...said,
      text: said.text.slice(i * size, (i + 1) * size),
    }));

  test('in order: the time is that of the first byte', () => {
    const frames = talk([...cut(up(request), 100), ...cut(down(answer), 100)]);
    expect(rowsOf([...handshake, ...frames])).toMatchObject([
      { path: '/long', requested_at: T + 100 * MS, status: 200, content_length: 3, latency_us: 40 * MS },
    ]);
  });

  test('overtaken by each other, by content, and by the next head', () => {
    const frames = talk([...cut(up(request + get('/b')), 100), ...cut(down(answer + response('b')), 100)]);
    const [a, b, c, d, e, f, g, h] = frames as [Frame, Frame, Frame, Frame, Frame, Frame, Frame, Frame];
    expect(frames).toHaveLength(8);
    expect(brief([...handshake, d, b, a, c, h, f, g, e])).toEqual(['GET /long 200', 'GET /b 200']);
  });
});

describe('what was not captured', () => {
  const [a, ra, b, rb, c, rc] = talk([
    up(get('/a')),
    down(response('aaa')),
    up(get('/b')),
    down(response('bbb', 201)),
    up(get('/c')),
    down(response('ccc', 202)),
  ]) as [Frame, Frame, Frame, Frame, Frame, Frame];
  test.each([
    ['a response', [a, b, rb, c, rc], ['GET /a -', 'GET /b 201', 'GET /c 202']],
    ['a request', [a, ra, rb, c, rc], ['GET /a 200', '- - 201', 'GET /c 202']],
    ['the first request', [ra, b, rb], ['- - 200', 'GET /b 201']],
    ['the first request, and its response', [b, rb, c, rc], ['GET /b 201', 'GET /c 202']],
    ['a response and the request behind it', [a, rb, c, rc], ['GET /a 201', 'GET /c 202']],
    ['all responses', [a, b, c], ['GET /a -', 'GET /b -', 'GET /c -']],
    ['all requests', [ra, rb, rc], ['- - 200', '- - 201', '- - 202']],
  ])('%s', (_, frames, rows) => {
    expect(brief([...handshake, ...frames])).toEqual(rows);
    // The same with nothing seen of the start.
    expect(brief(frames)).toEqual(rows);
  });

  test('a response before which all was lost is told when it passed, not when its absence showed', () => {
    const later = [...handshake, a, { ...rb, at: T + 1000 * MS }, { ...c, at: T + 9000 * MS }];
    expect(rowsOf(later)[0]).toMatchObject({ path: '/a', status: 201, latency_us: 900 * MS });
  });

  test('the line of a chunk: goes on with the next response that begins a segment', () => {
    const chunks = [
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde',
      '\r\n5\r\nabcde',
      '\r\n5\r\nHTTP/',
      '\r\n0\r\n\r\n',
    ];
    const frames = talk([up(get('/a')), ...chunks.map(down), up(get('/b')), down(response('b', 201))]);
    expect(brief([...handshake, ...frames.filter((_, i) => i !== 2)])).toEqual(['GET /a 200', 'GET /b 201']);
    expect(brief([...handshake, ...frames.filter((_, i) => i !== 4)])).toEqual(['GET /a 200', 'GET /b 201']);
  });

  test('the second half of a head: the lines before are told', () => {
    const frames = talk([
      up(get('/a')),
      down('HTTP/1.1 200 OK\r\nContent-Type: text/css\r\nSer'),
      down('ver: x\r\n\r\n'),
      up(get('/b')),
      down(response('b', 201)),
    ]);
    expect(rowsOf([...handshake, ...frames.filter((_, i) => i !== 2)])).toMatchObject([
      { path: '/a', status: 200, content_type: 'text/css', latency_us: 10 * MS },
      { path: '/b', status: 201 },
    ]);
  });

  test('payload beyond a snapshot length', () => {
    const frames = talk([
      up(get('/a')),
      down(`${response('x'.repeat(400))}`),
      up(get('/b')),
      down(`HTTP/1.1 201 X\r\nContent-Type: text/css\r\nX: ${'y'.repeat(300)}\r\n\r\n`),
      up(get('/c')),
      down(response('c', 202)),
    ]).map((frame) => ({ ...frame, bytes: frame.bytes.subarray(0, 54 + 100) }));
    expect(rowsOf([...handshake, ...frames])).toMatchObject([
      { path: '/a', status: 200, content_length: 400 },
      { path: '/b', status: 201, content_type: 'text/css' },
      { path: '/c', status: 202 },
    ]);
  });
});

test('a request in the SYN has its response', () => {
  const bytes = Buffer.from(get('/fast'));
  const fast = builder.tcp(
    T,
    'up',
    { sequence: first.up, acknowledgment: 0, flags: SYN, window: 100 },
    literal(bytes),
    0,
    bytes.length,
  );
  const [, , answer] = talk([up(get('/fast')), up(''), down(response('x'))]) as [Frame, Frame, Frame];
  expect(brief([fast, handshake[1]!, answer])).toEqual(['GET /fast 200']);
});

test('a segment that comes again changes nothing', () => {
  const frames = talk([up(get('/a')), down(response('a')), up(get('/b')), down(response('b'))]);
  const twice = frames.flatMap((frame, i) => [frame, ...frames.slice(0, i + 1)]);
  expect(brief([...handshake, ...twice])).toEqual(['GET /a 200', 'GET /b 200']);
});

test('a connection that is something else is not followed', () => {
  const smtp = talk([down('220 mail\r\n'), up('EHLO x\r\n'), down('250 ok\r\n'), up(get('/'))]);
  expect(rowsOf([...handshake, ...smtp])).toEqual([]);
  // One of which the start was not seen is looked at a little longer.
  expect(brief(smtp)).toEqual(['GET / -']);
  const long = talk([...Array.from({ length: 20 }, () => up('data')), up(get('/'))]);
  expect(rowsOf(long)).toEqual([]);
});

test('a flow that closes has its rows before its own', () => {
  const frames = talk([up(get('/a')), down(response('a')), up(get('/b'))]);
  const fin = builder.tcp(T + 900 * MS, 'up', numbers('up', 2 * get('/a').length, 0, ACK | FIN));
  const order: string[] = [];
  const recording = new RecordingProbe().play(...handshake, ...frames, fin);
  const { exchanged, closed } = recording;
  recording.exchanged = function () {
    order.push('http');
    exchanged.call(this);
  };
  recording.closed = function (flow, reason) {
    order.push('flow');
    closed.call(this, flow, reason);
  };
  recording.finish();
  expect(order).toEqual(['http', 'flow']);
});

test('64 requests wait for their answers, more give up the oldest', () => {
  const asks = Array.from({ length: 70 }, (_, i) => up(get(`/${i}`)));
  const recording = new RecordingProbe().play(...handshake, ...talk(asks));
  expect(recording.http.map(({ path }) => path)).toEqual(['/0', '/1', '/2', '/3', '/4', '/5']);
  expect(recording.finish().http).toHaveLength(70);
});

/** A conversation of random shape, with its rows. */
const conversation = fc.array(
  fc.record({
    method: fc.constantFrom('GET', 'POST', 'HEAD'),
    requestContent: fc.nat(80),
    status: fc.constantFrom(200, 204, 304, 404),
    content: fc.string({ maxLength: 80, unit: 'binary-ascii' }),
    framing: fc.constantFrom('length', 'chunked'),
    interim: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);

const chunked = (content: string): string =>
  `${(content.match(/.{1,7}/gs) ?? []).map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`).join('')}0\r\n\r\n`;

test('segments cut anywhere, repeated and shuffled within their direction give the same rows', () => {
  fc.assert(
    fc.property(conversation, fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }), (turns, noise) => {
      const expected: string[] = [];
      const said = turns.flatMap(({ method, requestContent, status, content, framing, interim }, i) => {
        expected.push(`${method} /${i} ${status}`);
        const body =
          method === 'POST' ? `Content-Length: ${requestContent}\r\n\r\n${'x'.repeat(requestContent)}` : '\r\n';
        const hasContent = method !== 'HEAD' && status !== 204 && status !== 304;
        const [field, bytes] =
          framing === 'chunked'
            ? ['Transfer-Encoding: chunked', chunked(content)]
            : [`Content-Length: ${content.length}`, content];
        return [
          up(`${method} /${i} HTTP/1.1\r\nHost: a\r\n${body}`),
          down(
            `${interim ? 'HTTP/1.1 103 Early\r\n\r\n' : ''}HTTP/1.1 ${status} X\r\n${field}\r\n\r\n${hasContent ? bytes : ''}`,
          ),
        ];
      });
      // Each turn is cut in pieces, some come twice, and the pieces of a turn in any order.
      let n = 0;
      const draw = (below: number): number => noise[n++ % noise.length]! % below;
      const sent = { up: 0, down: 0 };
      const frames = said.flatMap(({ direction, text }, turn) => {
        const bytes = Buffer.from(text, 'latin1');
        const from = sent[direction];
        const known = sent[direction === 'up' ? 'down' : 'up'];
        const pieces: Frame[] = [];
        for (let offset = 0; offset < bytes.length; ) {
          const count = Math.min(1 + draw(60), bytes.length - offset);
          pieces.push(
            builder.tcp(
              T + (100 + turn) * MS,
              direction,
              numbers(direction, from + offset, known, ACK),
              literal(bytes),
              offset,
              count,
            ),
          );
          offset += count;
        }
        sent[direction] += bytes.length;
        for (let i = pieces.length - 1; i > 0; i--) {
          const j = draw(i + 1);
          [pieces[i], pieces[j]] = [pieces[j]!, pieces[i]!];
        }
        return [...pieces, ...pieces.slice(0, draw(3))];
      });
      expect(brief([...handshake, ...frames])).toEqual(expected);
    }),
    { numRuns: 150 },
  );
});

test('segments that are lost, cut and mutated at random give rows of what was said, and nothing is held at the end', () => {
  const said = [
    up(get('/a')),
    down(response('a'.repeat(300))),
    up(get('/b')),
    down(`HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n${chunked('b'.repeat(200))}`),
    up(`POST /c HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n${'c'.repeat(200)}`),
    down(response('c', 202)),
  ];
  const honest = talk(said);
  const known = new Set(['GET /a', 'GET /b', 'POST /c', '- -']);
  fc.assert(
    fc.property(
      fc.array(fc.record({ i: fc.nat(5), keep: fc.nat(200), flip: fc.option(fc.nat(100)) }), { maxLength: 20 }),
      (picks) => {
        const frames = picks.map(({ i, keep }) => ({ ...honest[i]!, bytes: honest[i]!.bytes.subarray(0, 54 + keep) }));
        const recording = new RecordingProbe().play(...handshake, ...frames).finish();
        for (const { method, path } of recording.http) {
          // What was cut may be missing, and nothing else may stand there.
          expect(known.has(`${method || '-'} ${path || '-'}`)).toBe(true);
        }
        const mutated = picks.map(({ i, flip }) => {
          const bytes = honest[i]!.bytes.slice();
          if (flip !== null) bytes[54 + (flip % (bytes.length - 54))]! ^= 1 << (flip & 7);
          return { ...honest[i]!, bytes };
        });
        new RecordingProbe().play(...handshake, ...mutated).finish();
        expect(recording.probe.http.checkpoint()).toEqual([]);
      },
    ),
    { numRuns: 300 },
  );
});

test('put aside between any two packets and taken up again, nothing changes', () => {
  const said = [
    up(get('/a') + get('/b').slice(0, 20)),
    up(get('/b').slice(20)),
    down(response('a').slice(0, 10)),
    down(response('a').slice(10)),
    down(`HTTP/1.1 201 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab`),
    down('cde\r\n0\r\n\r\n'),
    up(get('/c')),
  ];
  const frames = [...handshake, ...talk(said)];
  const whole = rowsOf(frames);
  expect(whole).toHaveLength(3);
  for (let cut = 0; cut <= frames.length; cut++) {
    const before = new RecordingProbe().play(...frames.slice(0, cut));
    const after = new RecordingProbe();
    after.interner.restore(before.interner.checkpoint());
    after.addresses.restore(before.addresses.checkpoint());
    after.probe.restore(structuredClone(before.probe.checkpoint()));
    after.play(...frames.slice(cut)).finish();
    expect([...before.http, ...after.http]).toEqual(whole);
  }
});

test('a request that waits keeps its texts in a new epoch of the interner', () => {
  const said = [up('GET /a HTTP/1.1\r\nHost: a.example\r\nUser-Agent: Sonde\r\n\r\n'), down(response('a'))];
  const frames = [...handshake, ...talk(said)];
  const [whole] = rowsOf(frames);
  expect(whole).toMatchObject({ host: 'a.example', path: '/a', user_agent: 'Sonde' });
  const recording = new RecordingProbe().play(...frames.slice(0, -1));
  const { interner, probe } = recording;
  const texts = interner.checkpoint();
  interner.restore(['', 'another', ...texts.slice(1)]);
  probe.recode((code) => interner.code(texts[code]!));
  expect(recording.play(...frames.slice(-1)).finish().http).toEqual([whole]);
});
