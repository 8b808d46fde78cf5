/** Why dumpcap or tcpdump failed, and what to do about it. */
import { SondeError } from '../kit/errors.ts';
import type { CaptureCommand } from './capture-command.ts';

interface Cause {
  readonly words: RegExp;
  readonly message: (command: CaptureCommand) => string;
  readonly hint: (command: CaptureCommand) => string;
}

const causes: readonly Cause[] = [
  {
    words: /no device named|no such device|doesn't exist|is neither an interface/i,
    message: ({ interface: name }) => `there is no interface ${name}`,
    hint: () => 'ip link lists the interfaces; the name any stands for all of them',
  },
  {
    words: /capture filter|filter expression|syntax error/i,
    message: ({ filter }) => `the filter is none: ${filter}`,
    hint: () => 'pcap-filter(7) describes the language',
  },
  {
    words: /do(n't| not) have permission|not permitted/i,
    message: ({ program }) => `${program} may not capture`,
    hint: ({ program }) =>
      program === 'dumpcap'
        ? 'let the group wireshark capture (Debian: dpkg-reconfigure wireshark-common) and join it (usermod -aG wireshark USER), or run setcap cap_net_raw,cap_net_admin=ep on dumpcap; Sonde itself needs no privilege'
        : 'run setcap cap_net_raw,cap_net_admin=ep on tcpdump, or use dumpcap; Sonde itself needs no privilege',
  },
  {
    words: /went down|disappeared|no longer attached|network is down/i,
    message: ({ interface: name }) => `the interface ${name} is gone`,
    hint: () => 'what was captured before is stored; start again when it is back',
  },
];

const lastWords = (said: string): string =>
  said
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-2)
    .join(' ');

/**
 * @param said what it wrote to standard error
 * @param end its exit code, or the signal that ended it
 */
export const failureOf = (command: CaptureCommand, said: string, end: number | string | null): SondeError => {
  const { program } = command;
  const fields = { program, interface: command.interface };
  const cause = causes.find(({ words }) => words.test(said));
  if (cause !== undefined) {
    return new SondeError('SONDE_CAPTURE_FAILED', cause.message(command), fields, cause.hint(command));
  }
  return new SondeError(
    'SONDE_CAPTURE_FAILED',
    `${program} ended (${end}): ${lastWords(said) || 'it did not say why'}`,
    fields,
    'what was captured before is stored',
  );
};
