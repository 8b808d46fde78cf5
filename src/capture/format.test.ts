import { describe, expect, test } from 'vitest';
import { encodePcap, encodeSection, hex } from './encode.test-helper.ts';
import { detectFormat } from './format.ts';

describe('detectFormat', () => {
  test.each([
    ['d4c3b2a1', 'pcap'],
    ['a1b2c3d4', 'pcap'],
    ['4d3cb2a1', 'pcap'],
    ['a1b23c4d', 'pcap'],
    ['34cdb2a1', 'pcap'],
    ['a1b2cd34', 'pcap'],
    ['0a0d0d0a 1c000000 4d3c2b1a', 'pcapng'],
    ['0a0d0d0a 0000001c 1a2b3c4d', 'pcapng'],
    ['0a0d0d0a', 'pcapng'],
    ['1f8b', 'gzip'],
    ['28b52ffd', 'zstd'],
    ['502a4d18', 'zstd'],
    ['5f2a4d18', 'zstd'],
  ])('%s is %s', (bytes, format) => {
    expect(detectFormat(hex(bytes))).toBe(format);
  });

  test.each(['', '00', 'd4c3b2', '00000000', '23736570', '0a0d0d0a 0a0d0d0a 0a0d0d0a', '602a4d18'])(
    '%s is none',
    (bytes) => {
      expect(detectFormat(hex(bytes))).toBeUndefined();
    },
  );

  test('takes whole files as well as their heads', () => {
    expect(detectFormat(encodePcap([]))).toBe('pcap');
    expect(detectFormat(encodeSection(false))).toBe('pcapng');
  });
});
