/** A turn of the stream of a vantage, which goes on from command to command: turns are taken one after the other, each by one. */
import { finishTransaction, readTransaction, type Transaction, vantageTransaction } from './delta/transaction.ts';

export interface Turn {
  readonly vantage: string;
  /** From 1 on. */
  readonly number: number;
  /** Nothing is open after it. */
  readonly isLast: boolean;
  /** What it read and no later turn reads again, whatever its options: told by marks and contents. */
  readonly read?: readonly string[];
}

/** What the commit of a turn claims for itself. */
export const claimsOf = ({ vantage, number, isLast, read = [] }: Turn): readonly Transaction[] => [
  vantageTransaction(vantage, number),
  ...(isLast ? [finishTransaction(vantage, number)] : []),
  ...read.map((one) => readTransaction(vantage, one)),
];
