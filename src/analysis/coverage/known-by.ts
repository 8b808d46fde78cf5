/** What told the service of a flow, in words, the most reliable first; '' is nothing. */
export const knownBy: Readonly<Record<string, string>> = {
  name: 'name',
  'ip-set': 'address seen under its names',
  payload: 'payload',
  port: 'port',
  '': '-',
};
