/** The options that shape rows, where nobody gives others; idle times in seconds. */
import { GTP_USER_PORT } from '../packet/gtp-user.ts';

export const defaultFlags = {
  tcpIdle: 1800,
  udpIdle: 180,
  synIdle: 30,
  burstIdle: 1,
  maxFlows: 1 << 20,
  gtpPorts: [GTP_USER_PORT],
} as const;
