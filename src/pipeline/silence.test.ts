/** A capture file that says when it ended gives the tickets that the live capture gave. */
import { expect, test } from 'vitest';
import { between, end } from '../../test/recording-probe.ts';
import { importRows } from '../../test/rows.ts';
import {
  chunked,
  concat,
  encodeBlock,
  encodeEnhanced,
  encodeInterface,
  encodeSection,
  numbers,
} from '../capture/encode.test-helper.ts';
import { DAY, SECOND } from '../kit/time.ts';
import { toDnsMessage } from '../synth/dns-message.ts';
import { PACKET_DELAY_US } from './silence.ts';

const M = Date.UTC(2014, 1, 22, 18) * 1000;
const over = between(end('10.0.0.1', 40_000), end('10.0.0.53', 53));
const question = over.udp(M, 'up', toDnsMessage({ id: 1, name: 'e7.whatsapp.net', type: 'A' }));

/** One question, then `silenceUs` until the statistics that end the capture, if they are told. */
const importedAfter = async (silenceUs: number | undefined, tail = new Uint8Array(0)) => {
  const packet = { bytes: question.bytes, original: question.length };
  const endedAt = BigInt(M + (silenceUs ?? 0));
  const statistics = encodeBlock(true, 5, numbers(true, [0, 4], [endedAt >> 32n, 4], [endedAt & 0xffffffffn, 4]));
  const parts = [encodeSection(), encodeInterface(), encodeEnhanced(true, 0, BigInt(M), packet)];
  const bytes = concat([...parts, ...(silenceUs === undefined ? [] : [statistics]), tail]);
  const { flows, counters } = await importRows([chunked(bytes, 64)]);
  return [flows[0]!.end_reason, flows[0]!.reported_at, counters.some((row) => row.dns_timeout === 1)];
};

test.each([
  ['without a word of its end', undefined, 'eof', M, false],
  ['too short for a time-out', 10 * SECOND, 'eof', M + 10 * SECOND, false],
  ['longer than a question waits', 10 * SECOND + 1, 'eof', M + 10 * SECOND + 1, true],
  ['just as long as a flow may be silent', 180 * SECOND, 'eof', M + 180 * SECOND, true],
  ['a second longer', 181 * SECOND, 'idle', M + 181 * SECOND, true],
  ['of more than a day, which is a broken clock', DAY + 1, 'eof', M, false],
])('a silence at the end %s', async (_, silenceUs, reason, reportedAt, timedOut) => {
  const told = silenceUs === undefined ? undefined : silenceUs + PACKET_DELAY_US;
  expect(await importedAfter(told)).toEqual([reason, reportedAt, timedOut]);
});

test('what follows the statistics and breaks off leaves the end unknown', async () => {
  expect(await importedAfter(181 * SECOND + PACKET_DELAY_US, new Uint8Array(5))).toEqual(['eof', M, false]);
});
