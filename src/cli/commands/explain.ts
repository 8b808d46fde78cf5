/** `sonde explain`: one flow, and why it has its name and its service. */
import type { Command } from 'commander';
import { formatValue } from '../../analysis/format.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { describeRule } from '../../catalog/rule.ts';
import { SondeError } from '../../kit/errors.ts';
import { toIsoTime } from '../../kit/time.ts';
import type { Row, TicketSnapshot } from '../../store/index.ts';
import { type CommonOptions, withStore } from '../command-line.ts';
import type { Done } from '../done.ts';
import { loadCatalog } from '../load-catalog.ts';
import type { Terminal } from '../terminal.ts';
import { useSnapshot } from '../use-snapshot.ts';
import { hang } from '../wrap.ts';

const flowSql = 'SELECT * FROM flows WHERE flow_id = {flow_id:String} ORDER BY started_at, source';

/** The answer that named the flow: same import, client, name and moment. */
const answerSql = `
SELECT *
FROM dns
WHERE source = {source:String} AND client = {client:String} AND qname = {qname:String}
  AND toUnixTimestamp64Micro(answered_at) = {answered_at:Int64}
ORDER BY reported_at
LIMIT 1`;

/** Requests that are shown. */
const MAX_REQUESTS = 5;

const requestsSql = `
SELECT method, path, status, content_type, content_length, latency_us, count(*) OVER () AS total
FROM http
WHERE source = {source:String} AND flow_id = {flow_id:String} AND client = {client:String}
ORDER BY requested_at NULLS LAST, reported_at
LIMIT ${MAX_REQUESTS}`;

/** What told of the client's session as the flow began. */
const sessionSql = `
SELECT *
FROM sessions
WHERE client = {client:String} AND kind = {kind:String}
  AND toUnixTimestamp64Micro(started_at) <= {started_at:Int64}
  AND (ended_at IS NULL OR toUnixTimestamp64Micro(ended_at) > {started_at:Int64})
ORDER BY started_at DESC
LIMIT 1`;

const us = (value: unknown): string => (value === null ? '-' : formatValue('duration_us', value as number));
const list = (value: unknown): string => (value as string[]).join(', ');
const port = (value: unknown): string => (value === null ? '' : `:${value}`);

const end = (ip: unknown, number: unknown): string =>
  String(ip).includes(':') && number !== null ? `[${ip}]${port(number)}` : `${ip}${port(number)}`;

const describeFlow = (flow: Row): string[] => {
  const bytes = (direction: 'up' | 'down'): string =>
    `${formatValue('count', flow[`${direction}_packets`] as number)} packets, ${formatValue('bytes', flow[`${direction}_bytes`] as number)}`;
  const lines = [
    `flow ${flow.flow_id}: ${flow.protocol} ${end(flow.client_ip, flow.client_port)} -> ${end(flow.server_ip, flow.server_port)}`,
    `  seen     ${toIsoTime(flow.started_at as number)} for ${us((flow.ended_at as number) - (flow.started_at as number))}, ${flow.conn_state}, ended by ${flow.end_reason}`,
    `  up       ${bytes('up')} (IP layer)`,
    `  down     ${bytes('down')} (IP layer)`,
  ];
  if (flow.server_rtt_us !== null || flow.client_rtt_us !== null) {
    lines.push(`  RTT      server ${us(flow.server_rtt_us)}, client ${us(flow.client_rtt_us)}, from the TCP handshake`);
  }
  if (flow.server_asn !== null) {
    lines.push(`  network  AS${flow.server_asn} ${flow.server_org}, ${flow.server_prefix}, ${flow.server_country}`);
  }
  lines.push(...describeSystem(flow), `  from     import ${flow.source} at ${flow.vantage}`);
  return lines;
};

const describeSystem = ({ os, os_source, device, syn_signature }: Row): string[] => {
  if (os === '') return [];
  const lines = [`  system   ${os}${device && `, ${device}`}${os_source && `, by ${os_source}`}`];
  if (syn_signature !== '') lines.push(`             SYN ${syn_signature}`);
  return lines;
};

const subscriberSources: Readonly<Record<string, string>> = {
  gtp: 'GTP control messages',
  radius: 'RADIUS accounting',
  csv: 'a session file',
};

const teid = (value: unknown): string => (value === null ? 'not seen' : `0x${(value as number).toString(16)}`);

const describeSubscriber = (flow: Row, session: Row | undefined): string[] => {
  const lines: string[] = [];
  const source = subscriberSources[flow.subscriber_source as string];
  if (source !== undefined) lines.push(`  client   ${flow.client}, a subscriber known by ${source}`);
  if (session !== undefined) {
    const until =
      session.ended_at === null
        ? 'it still stood at the end'
        : `until ${toIsoTime(session.ended_at as number)} (${session.end_reason})`;
    lines.push(`  session  from ${toIsoTime(session.started_at as number)}`, `             ${until}`);
    if (session.tac !== '') lines.push(`             device of type ${session.tac}, ${session.imei}`);
    lines.push(`             told in import ${session.source}`);
  }
  const place = [flow.apn, flow.rat, flow.cell, flow.plmn].filter((word) => word !== '');
  if (place.length > 0) lines.push(`  mobile   ${place.join(', ')}`);
  if (flow.gtp_peer !== '') {
    lines.push(
      `  tunnel   ${flow.tunnel}, TEID up ${teid(flow.up_teid)}, down ${teid(flow.down_teid)}, node ${flow.gtp_peer}`,
    );
    if (place.length === 0 && source === undefined) lines.push('  session  none was known when the flow began');
  }
  return lines;
};

const describeAnswer = (flow: Row, answer: Row | undefined): string[] => {
  if (flow.dns_name === '') return ['  DNS      no answer to this client held this server before the flow'];
  const age = (flow.started_at as number) - (flow.dns_answered_at as number);
  const lines = [
    `  DNS      ${flow.dns_name}, answered ${us(age)} before, TTL ${flow.dns_ttl_s} s: ${flow.dns_evidence}`,
  ];
  if (answer !== undefined) {
    const asked = answer.asked_at === null ? 'question not seen' : `asked ${toIsoTime(answer.asked_at as number)}`;
    lines.push(
      `             ${asked}, ${answer.qtype} of ${answer.resolver_ip} over ${answer.protocol}, took ${us(answer.latency_us)}`,
    );
    lines.push(`             chain ${[answer.qname, ...(answer.aliases as string[])].join(' -> ')}`);
    lines.push(`             answers ${list(answer.answers)}`);
  }
  const candidates = flow.dns_candidates as string[];
  if (candidates.length > 1)
    lines.push(`             ambiguous: ${candidates.length} names, newest first: ${list(candidates)}`);
  return lines;
};

const describeRequest = ({ method, path, status, content_type, content_length, latency_us }: Row): string => {
  const parts = [status === null ? 'no response' : `${status}`];
  if (content_type !== '') parts.push(content_type as string);
  if (content_length !== null) parts.push(formatValue('bytes', content_length as number));
  if (latency_us !== null) parts.push(`after ${us(latency_us)}`);
  return `             ${method === '' ? 'a request not seen' : `${method} ${path}`.trimEnd()}: ${parts.join(', ')}`;
};

const describeRequests = (requests: readonly Row[]): string[] => {
  const more = requests.length === 0 ? 0 : (requests[0]!.total as number) - requests.length;
  return [
    ...requests.map(describeRequest),
    ...(more > 0 ? [`             and ${formatValue('count', more)} more`] : []),
  ];
};

const describeService = (flow: Row, requests: readonly Row[], catalog: Catalog): string[] => {
  const lines: string[] = [];
  if (flow.tls_sni !== '') lines.push(`  SNI      ${flow.tls_sni}${flow.ech_offered ? ' (ECH offered)' : ''}`);
  if (flow.http_host !== '' || requests.length > 0) lines.push(`  HTTP     ${flow.http_host}`.trimEnd());
  lines.push(...describeRequests(requests));
  lines.push(flow.fqdn === '' ? '  name     none' : `  name     ${flow.fqdn}, by ${flow.fqdn_source}`);
  if (flow.service === '') {
    const why = flow.fqdn === '' ? 'nothing tells it' : 'no rule owns the name';
    return [...lines, `  service  none: ${why}`];
  }
  const confidence = flow.service_confidence === null ? '' : ` (confidence ${flow.service_confidence})`;
  lines.push(`  service  ${flow.service}, class ${flow.class}, by ${flow.service_source}${confidence}`);
  const rule = catalog.files.flatMap(({ rules }) => rules).find(({ rule: at }) => at === flow.rule);
  const isCurrent = catalog.version === flow.rules_version;
  const patterns = rule === undefined || !isCurrent ? '' : `: ${describeRule(rule)} (${rule.source})`;
  return [...lines, `  rule     ${flow.rule}${patterns}, rules ${flow.rules_version}`];
};

const explain = async (snapshot: TicketSnapshot, flowId: string, catalog: Catalog, width: number): Promise<string> => {
  const flows = await (await snapshot.query(flowSql, { flow_id: flowId })).rows();
  if (flows.length === 0) {
    throw new SondeError(
      'SONDE_NOT_FOUND',
      'no such flow',
      { flow_id: flowId },
      "find ids with: sonde query 'SELECT flow_id, fqdn FROM flows LIMIT 10'",
    );
  }
  const parts: string[] = [];
  for (const flow of flows) {
    const { source, client, dns_name, dns_answered_at } = flow;
    const answers =
      dns_name === ''
        ? []
        : await (
            await snapshot.query(answerSql, {
              source: source as string,
              client: client as string,
              qname: dns_name as string,
              answered_at: dns_answered_at as number,
            })
          ).rows();
    const requests = await (
      await snapshot.query(requestsSql, { source: source as string, flow_id: flowId, client: client as string })
    ).rows();
    const isSubscriber = subscriberSources[flow.subscriber_source as string] !== undefined;
    const sessions = isSubscriber
      ? await (
          await snapshot.query(sessionSql, {
            client: client as string,
            kind: flow.subscriber_source as string,
            started_at: flow.started_at as number,
          })
        ).rows()
      : [];
    const lines = [
      ...describeFlow(flow),
      ...describeSubscriber(flow, sessions[0]),
      ...describeAnswer(flow, answers[0]),
      ...describeService(flow, requests, catalog),
    ];
    parts.push(lines.map((line) => hang(line, width)).join('\n'));
  }
  return `${parts.join('\n\n')}\n`;
};

type Options = CommonOptions & { readonly rules?: readonly string[]; readonly format: string };

/** Adds arguments, options and action to the command. */
export const addTo = (command: Command, terminal: Terminal, done: Done): void => {
  withStore(command)
    .argument('<flow-id>', '16 hexadecimal characters')
    .option('--rules <path...>', 'more rule files or folders, as given to import')
    .action(async (flowId: string, options: Options) => {
      await useSnapshot(options, terminal, done, async (snapshot) => {
        const catalog = loadCatalog(options.rules);
        terminal.out(await explain(snapshot, flowId, catalog, terminal.width));
      });
    });
};
