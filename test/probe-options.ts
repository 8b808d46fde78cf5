/** The options with which tests run the probe, but for what a test is about. */
import { defaultLocalNets } from '../src/packet/address-set.ts';

export const probeOptions = {
  tcpIdleUs: 1800e6,
  udpIdleUs: 180e6,
  synIdleUs: 30e6,
  burstIdleUs: 1e6,
  maxFlows: 1 << 20,
  localNets: defaultLocalNets,
  vantage: 'lab',
  keepQuery: false,
};
