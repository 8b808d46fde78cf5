/** What must be found in a planted scene: a list of rows a table, with the columns of that table by name. */
import type { DnsQuestionType } from './dns-message.ts';
import type { Tally } from './tally.ts';

/** Columns that say how the flow is called; what no measurement at the vantage can know is ''. */
export interface FlowLabels {
  /** Why the flow was planted; no column. */
  readonly scenario: string;
  /** System of the client, whatever of it can be seen. */
  readonly os: string;
  readonly tls_sni: string;
  readonly sni_is_outer: boolean;
  readonly http_host: string;
  readonly dns_name: string;
  readonly dns_answered_at: number | null;
  readonly dns_ttl_s: number | null;
  /** Newest first. */
  readonly dns_candidates: readonly string[];
  readonly dns_evidence: 'valid' | 'expired' | '';
  readonly fqdn: string;
  readonly fqdn_source: 'sni' | 'http' | 'dns' | '';
  /** The service that the flow is truly of, be its name visible or not. */
  readonly service: string;
  readonly class: string;
}

interface TruthFlow extends Tally, FlowLabels {}

interface TruthDns {
  readonly asked_at: number;
  readonly answered_at: number | null;
  readonly client_ip: string;
  readonly resolver_ip: string;
  readonly protocol: 'tcp' | 'udp';
  readonly qname: string;
  readonly qtype: DnsQuestionType;
  readonly rcode: string;
  /** Addresses; data of other types are left out, and so are their times to live. */
  readonly answers: readonly string[];
  readonly ttls_s: readonly number[];
  readonly aliases: readonly string[];
  /** From the last question. */
  readonly latency_us: number | null;
  readonly retries: number;
  readonly truncated: boolean | null;
  readonly ech_config: boolean | null;
}

/** Flows in the order in which they start, transactions in the order in which they are asked; whole once the scene was played. */
export interface Truth {
  readonly seed: number;
  readonly flows: readonly TruthFlow[];
  readonly dns: readonly TruthDns[];
}

/** The truth in the making. */
export interface TruthBook {
  readonly flows: TruthFlow[];
  readonly dns: TruthDns[];
}
