/** What p0f reads in a capture: the fingerprint of every SYN, and the system that it takes it for. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatAddress, parseAddress } from '../../src/packet/address.ts';

export interface P0fSyn {
  /** `client port server port`. */
  readonly flow: string;
  /** p0f's words, such as 'Linux 3.11 and newer'; '???' if no signature fits, '' if it is a tool's. */
  readonly os: string;
  /** In the form in which Sonde writes it: the initial TTL, not TTL and distance. */
  readonly signature: string;
}

/** An address and a port; p0f does not shorten addresses of IPv6. */
const end = (text: string): string => {
  const [address, port] = text.split('/');
  return `${formatAddress(parseAddress(address!)!)} ${port}`;
};

/** Runs p0f over a capture. `folder`: where its log may be put. */
export const runP0f = (capture: string, folder: string): readonly P0fSyn[] => {
  const log = join(folder, 'p0f.log');
  const { status, error } = spawnSync('p0f', ['-r', capture, '-o', log], { stdio: 'ignore' });
  if (error !== undefined) throw error;
  // A link that p0f does not read, or a file that breaks off.
  if (status !== 0 && !existsSync(log)) return [];
  return readFileSync(log, 'latin1')
    .split('\n')
    .filter((line) => line.includes('] mod=syn|'))
    .map((line) => {
      const fields = new Map(line.split('|').map((field) => field.split(/=(.*)/s) as [string, string]));
      const [version, ttl = '', ...rest] = fields.get('raw_sig')!.split(':');
      const initialTtl = ttl.split('+').reduce((sum, part) => sum + Number(part), 0);
      return {
        flow: `${end(fields.get('cli')!)} ${end(fields.get('srv')!)}`,
        os: fields.get('os') ?? '',
        signature: [version, initialTtl, ...rest].join(':'),
      };
    });
};
