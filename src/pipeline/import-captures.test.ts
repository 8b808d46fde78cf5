import { expect, test } from 'vitest';
import { testOptions } from '../../test/rows.ts';
import { chunked, encodePcap } from '../capture/encode.test-helper.ts';
import { importCaptures } from './import-captures.ts';

const bytes = encodePcap([{ nanoseconds: 0n, bytes: new Uint8Array(60), original: 60 }]);
const importThem = (byteCount: number) => {
  const tables: string[] = [];
  const stream = { inputs: [chunked(bytes, 16)], name: 'growing.pcap', byteCount };
  const sink = {
    write: async ({ table }: { table: string }) => {
      tables.push(table);
    },
  };
  return { tables, done: importCaptures(stream, testOptions, sink) };
};

test('a capture that grew since it was identified has no row of imports, so that nothing of it can be committed', async () => {
  const { tables, done } = importThem(bytes.length - 1);
  await expect(done).rejects.toMatchObject({ code: 'SONDE_INPUT_UNREADABLE', fields: { file: 'growing.pcap' } });
  expect(tables).not.toContain('imports');
});

test('one that did not has', async () => {
  const { tables, done } = importThem(bytes.length);
  expect(await done).toMatchObject({ packets: 1, bytesRead: bytes.length, reasons: { 'not-ip': 1 }, malformed: 0 });
  expect(tables).toEqual(['imports']);
});
