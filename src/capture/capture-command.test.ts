import { expect, test } from 'vitest';
import { captureArguments } from './capture-command.ts';
import { failureOf } from './capture-failure.ts';

const dumpcap = { program: 'dumpcap', interface: 'eth0', bufferMb: 64 } as const;
const tcpdump = { ...dumpcap, program: 'tcpdump' } as const;

test('both write a capture to standard output; buffers are in the unit of each', () => {
  expect(captureArguments(dumpcap)).toEqual(['-q', '-i', 'eth0', '-w', '-', '-B', '64']);
  expect(captureArguments(tcpdump)).toEqual(['-i', 'eth0', '-w', '-', '-B', '65536', '-U', '-n']);
});

test('no word from outside is taken for an option', () => {
  const hostile = { filter: '-w /etc/passwd', interface: '-D', snaplen: 96, packets: 5 };
  expect(captureArguments({ ...dumpcap, ...hostile })).toEqual([
    '-q',
    '-i',
    '-D',
    '-w',
    '-',
    '-s',
    '96',
    '-c',
    '5',
    '-B',
    '64',
    '-f',
    '-w /etc/passwd',
  ]);
  expect(captureArguments({ ...tcpdump, ...hostile })).toEqual([
    '-i',
    '-D',
    '-w',
    '-',
    '-s',
    '96',
    '-c',
    '5',
    '-B',
    '65536',
    '-U',
    '-n',
    '--',
    '-w /etc/passwd',
  ]);
});

test.each([
  [
    dumpcap,
    'dumpcap: You do not have permission to capture on device "eth0".\n(socket: Operation not permitted)\nPlease check',
    'may not capture',
    'group wireshark',
  ],
  [
    tcpdump,
    "tcpdump: eth0: You don't have permission to perform this capture on that device\n",
    'may not capture',
    'setcap',
  ],
  [
    dumpcap,
    'dumpcap: There is no device named "eth0".\n(No such device exists)\n',
    'there is no interface eth0',
    'ip link',
  ],
  [tcpdump, 'tcpdump: eth0: No such device exists\n', 'there is no interface eth0', 'ip link'],
  [
    { ...tcpdump, filter: 'bad(' },
    "tcpdump: can't parse filter expression: syntax error\n",
    'the filter is none: bad(',
    'pcap-filter',
  ],
  [dumpcap, 'Error while capturing: The interface disappeared\n', 'the interface eth0 is gone', 'is stored'],
  [dumpcap, 'one\ntwo\nthree\n', 'dumpcap ended (1): two three', 'is stored'],
  [dumpcap, '', 'dumpcap ended (1): it did not say why', 'is stored'],
])('%j, %j: %s', (command, said, message, hint) => {
  expect(failureOf(command, said, 1)).toMatchObject({
    code: 'SONDE_CAPTURE_FAILED',
    message: expect.stringContaining(message),
    hint: expect.stringContaining(hint),
  });
});
