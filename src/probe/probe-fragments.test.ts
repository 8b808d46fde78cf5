import { describe, expect, test } from 'vitest';
import { fragmentsOf } from '../../test/fragment-frame.ts';
import { between, end, RecordingProbe } from '../../test/recording-probe.ts';
import { FrameReason } from '../packet/frame-reason.ts';
import { toDnsMessage } from '../synth/dns-message.ts';

const SECOND = 1e6;
const T = Date.UTC(2014, 1, 22, 18) * 1000;
const path = between(end('10.0.0.1', 5000), end('198.51.100.7', 9000));
/** A packet of somebody else, by which time passes. */
const tick = (at: number) => between(end('10.0.0.2', 1), end('198.51.100.9', 2)).udp(at, 'up', new Uint8Array(1));

const counted = ({ probe }: RecordingProbe) => ({
  ok: probe.reasons[FrameReason.OK],
  fragments: probe.reasons[FrameReason.IP_FRAGMENT],
});
const told = ({ flows }: RecordingProbe) =>
  flows
    .filter(({ server_port }) => server_port === 9000)
    .map(({ up_packets, up_bytes, up_payload, started_at, snaplen_cut }) => ({
      up_packets,
      up_bytes,
      up_payload,
      started_at,
      snaplen_cut,
    }));

describe('fragments in flows', () => {
  const fragments = fragmentsOf(path.udp(T, 'up', new Uint8Array(1992)), 800);
  const whole = { up_packets: 3, up_bytes: 2000 + 3 * 20, up_payload: 1992, snaplen_cut: 0 };

  test('a datagram is told when it is whole, with all its fragments', () => {
    const recording = new RecordingProbe().play(...fragments.slice(0, 2));
    expect([recording.opens, counted(recording)]).toEqual([0, { ok: 0, fragments: 2 }]);
    recording.play(fragments[2]!).finish();
    expect(counted(recording)).toEqual({ ok: 3, fragments: 0 });
    expect(told(recording)).toEqual([{ ...whole, started_at: T + 2000 }]);
  });

  test('after 30 seconds without the rest, what came is told', () => {
    const recording = new RecordingProbe().play(fragments[0]!, fragments[2]!, tick(T + 30 * SECOND));
    expect(counted(recording)).toEqual({ ok: 1, fragments: 2 });
    recording.play(tick(T + 30 * SECOND + 1));
    expect(counted(recording)).toEqual({ ok: 4, fragments: 0 });
    recording.finish();
    expect(told(recording)).toEqual([
      { up_packets: 2, up_bytes: 1200 + 2 * 20, up_payload: 1992, started_at: T + 2000, snaplen_cut: 1 },
    ]);
  });

  test('what waits at the end of the input is told too, and fragments without a first one stay counted', () => {
    const lost = fragmentsOf(path.udp(T, 'up', new Uint8Array(1992)), 800, 8).slice(1);
    const recording = new RecordingProbe().play(...lost, ...fragments.slice(0, 2)).finish();
    expect(counted(recording)).toEqual({ ok: 2, fragments: 2 });
    expect(told(recording)).toEqual([
      { up_packets: 2, up_bytes: 1600 + 2 * 20, up_payload: 1592, started_at: T + 1000, snaplen_cut: 0 },
    ]);
  });

  test('what waits goes on in the next probe', () => {
    const recording = new RecordingProbe().play(...fragments.slice(0, 2));
    const next = new RecordingProbe();
    next.probe.restore(structuredClone(recording.probe.checkpoint()));
    next.play(fragments[2]!).finish();
    expect(told(next)).toEqual([{ ...whole, started_at: T + 2000 }]);
  });

  test('a DNS answer in fragments is read', () => {
    const names = Array.from({ length: 40 }, (_, i) => `${i}.example`);
    const query = { id: 7, name: 'e7.whatsapp.net', type: 'A' } as const;
    const answers = names.map((_, i) => ({ ...query, ttlS: 60, data: `198.51.100.${i + 1}` }));
    const dns = between(end('10.0.0.1', 5000), end('10.255.0.53', 53));
    const response = dns.udp(T + 5000, 'down', toDnsMessage({ ...query, response: { rcode: 'NOERROR', answers } }));
    const recording = new RecordingProbe()
      .play(dns.udp(T, 'up', toDnsMessage(query)), ...fragmentsOf(response, 400))
      .finish();
    expect(recording.answers).toHaveLength(40);
    expect(recording.dns).toMatchObject([{ asked_at: T, latency_us: 5000 + 1000 }]);
  });
});
