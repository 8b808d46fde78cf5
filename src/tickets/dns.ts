/** The table of DNS transactions: a question and its answer, or its silence. */
import { count, counts, flag, origin, type Table, text, texts, time } from './column.ts';

const columns = {
  ...origin,
  asked_at: time('When the question passed first; NULL if only the answer was seen.'),
  answered_at: time('When the answer passed; NULL if none came within 10 s.'),
  client: text('Pseudonym of the subscriber that asked.'),
  client_ip: text('Address that asked; a pseudonym unless addresses are kept.'),
  resolver_ip: text('Address that was asked.'),
  protocol: text("'udp' or 'tcp'."),
  qname: text('Question name, lower case, without the final dot.'),
  qtype: text('Question type: A, AAAA, HTTPS ..., or TYPE and a number.'),
  rcode: text('Response code: NOERROR, NXDOMAIN, SERVFAIL ..., or RCODE and a number; empty without an answer.'),
  answers: texts(
    'Data of the answer records other than aliases, in the order of the message; addresses in canonical text.',
  ),
  ttls_s: counts(
    'Time to live of each answer in seconds: the least of its own and those of the aliases that led to it.',
  ),
  aliases: texts('Names that the question name is an alias of (CNAME targets), in chain order.'),
  latency_us: count('Microseconds from the last question of the transaction to its answer.'),
  retries: count('Times the same question was sent again before the answer.'),
  truncated: flag('The answer had its TC bit set.'),
  ech_config: flag('An HTTPS answer carries an ECH configuration.'),
  service: text('Service that owns the question name, by the rules.'),
  class: text('Class within the service.'),
};

export const dns: Table<typeof columns> = {
  name: 'dns',
  doc: 'One row a DNS transaction over UDP or TCP; a question unanswered for 10 s is a row too.',
  columns,
};
