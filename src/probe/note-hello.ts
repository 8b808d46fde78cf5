/** What a ClientHello says goes into its flow's record. */
import type { Interner } from '../kit/interner.ts';
import type { ClientHello } from '../packet/tls-handshake.ts';
import { FlowBit, RECORD_WORDS, Word } from './flow-record.ts';
import type { FlowTable } from './flow-table.ts';
import type { ProbeObserver } from './observer.ts';

/** Where names go. */
export interface NameSink {
  readonly flows: FlowTable;
  readonly interner: Interner;
  readonly observer: ProbeObserver;
}

/** A server name, an interner code, that the flow shows; 0 is none. */
export const noteServerName = ({ flows, observer }: NameSink, flow: number, name: number): void => {
  if (name === 0) return;
  flows.words[flow * RECORD_WORDS + Word.SNI] = name;
  observer.named(flow, 'sni', name);
};

export const noteHello = (sink: NameSink, flow: number, hello: ClientHello): void => {
  const { words } = sink.flows;
  const w = flow * RECORD_WORDS;
  words[w + Word.BITS]! |= FlowBit.HELLO | (hello.echOffered ? FlowBit.ECH_OFFERED : 0);
  words[w + Word.ALPN] = hello.alpn;
  noteServerName(sink, flow, hello.sni);
};
