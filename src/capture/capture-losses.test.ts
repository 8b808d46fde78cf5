import { expect, test } from 'vitest';
import { parseLosses, readInterfaceDrops, totalLosses } from './capture-losses.ts';

test('dumpcap tells at its end, a line an interface', () => {
  const said = `Capturing on 'eth0' and 'eth1'
File: -
Packets captured: 7
Packets received/dropped on interface 'eth0': 5/9 (pcap:1/dumpcap:2/flushed:3/ps_ifdrop:4) (35.7%)
Packets received/dropped on interface 'eth1': 2/10 (pcap:10/dumpcap:0/flushed:0/ps_ifdrop:0) (16.7%)
`;
  expect(parseLosses(said)).toEqual({ kernel: 11, program: 5, interface: 4 });
});

test('tcpdump tells whenever it is asked, and of the interface only where that lost any', () => {
  const first = '10 packets captured, 12 packets received by filter, 0 packets dropped by kernel\n';
  expect(parseLosses(first)).toEqual({ kernel: 0 });
  const last =
    '20 packets captured\n22 packets received by filter\n1 packet dropped by kernel\n3 packets dropped by interface\n';
  expect(parseLosses(first + last)).toEqual({ kernel: 1, interface: 3 });
});

test('what nobody tells is not 0', async () => {
  expect(parseLosses("Capturing on 'eth0'\n")).toBeUndefined();
  expect(totalLosses({})).toBeUndefined();
  expect(totalLosses({ kernel: 0 })).toBe(0);
  expect(totalLosses({ kernel: 1, interface: 2, program: 4 })).toBe(7);
  for (const name of ['nope0', 'any', '..', '../lo', 'a/b', '']) expect(await readInterfaceDrops(name)).toBeUndefined();
});
