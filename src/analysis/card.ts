/** What an analysis says: cards, plain data that the terminal, the report and the dashboard render each in its way. */
import type { Figure } from './figures/figure.ts';
import type { Value, ValueKind } from './format.ts';

/** A column of a card's table. `name` is that of CSV and API and carries the unit; `title` heads the printed table. */
export interface CardColumn {
  readonly name: string;
  readonly title: string;
  readonly kind: ValueKind;
  /** What is counted ('flows', 'addresses'), or the unit of the stored number: 'B', 'us', 'km', '1'; '' for text. */
  readonly unit: string;
  readonly doc: string;
}

export type CardRow = Readonly<Record<string, Value>>;

export interface CardTable {
  readonly title: string;
  readonly columns: readonly CardColumn[];
  readonly rows: readonly CardRow[];
  /** The points behind a figure, too many to read: shown on demand. */
  readonly detail: boolean;
}

/** What was left out, or counted with a reserve, and how much of it. */
export interface Exclusion {
  /** 'Left out (...)', 'Not listed (...)', or 'Counted, though ...'. */
  readonly reason: string;
  /** In the unit of the card. */
  readonly n: number;
}

/** What a recipe finds in its rows. */
export interface Outcome {
  /** One sentence; every number in it stands in a table of the card, formatted alike. */
  readonly finding: string;
  /** What to do, where there is nothing to see. */
  readonly hint?: string;
  readonly tables: readonly CardTable[];
  readonly figure?: Figure;
  /** Units behind the finding. */
  readonly n: number;
  /** How the numbers are computed, and what they do not say. */
  readonly method: string;
  readonly exclusions: readonly Exclusion[];
}

/** One question answered. */
export interface Card extends Outcome {
  /** Analysis and recipe: `hosting.networks`. */
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** What `n` counts. */
  readonly unit: string;
  /** Data, rules and databases that the numbers rest on. */
  readonly source: string;
  readonly reproduce: {
    /** The command line that prints this analysis again. */
    readonly command: string;
    /** The queries with their parameters filled in. */
    readonly sql: readonly { readonly name: string; readonly text: string }[];
  };
}

type Define = (name: string, title: string, doc: string) => CardColumn;

const kind =
  (of: ValueKind, unit: string): Define =>
  (name, title, doc) => ({ name, title, kind: of, unit, doc });

export const textColumn = kind('text', '');
export const bytesColumn = kind('bytes', 'B');
/** A fraction of 1. */
export const shareColumn = kind('share', '1');
export const durationColumn = kind('duration_us', 'us');
/** UTC microseconds. */
export const timeColumn = kind('time', 'us');
export const asnColumn = kind('asn', '');
export const distanceColumn = kind('distance_km', 'km');
export const countColumn = (name: string, title: string, unit: string, doc: string): CardColumn => ({
  name,
  title,
  kind: 'count',
  unit,
  doc,
});

/** A table to read. */
export const cardTable = (title: string, columns: readonly CardColumn[], rows: readonly CardRow[]): CardTable => ({
  title,
  columns,
  rows,
  detail: false,
});

/** The points behind a figure. */
export const detailTable = (title: string, columns: readonly CardColumn[], rows: readonly CardRow[]): CardTable => ({
  title,
  columns,
  rows,
  detail: true,
});
