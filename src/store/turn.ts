/** A turn of the stream of a vantage, which goes on from command to command: turns are taken one after the other, each by one. */
import { contentTransaction, finishTransaction, type Transaction, vantageTransaction } from './transaction.ts';

export interface Turn {
  readonly vantage: string;
  /** From 1 on. */
  readonly number: number;
  /** Nothing is open after it. */
  readonly isLast: boolean;
  /** Hash of what it reads, which no later turn reads again, whatever its options. */
  readonly content?: string;
}

/** What the commit of a turn claims for itself. */
export const claimsOf = ({ vantage, number, isLast, content }: Turn): readonly Transaction[] => [
  vantageTransaction(vantage, number),
  ...(isLast ? [finishTransaction(vantage, number)] : []),
  ...(content === undefined ? [] : [contentTransaction(vantage, content)]),
];
