/** What an analysis is: one frozen descriptor, from which command, report section, API route and card derive. */
import type { Bins, Range } from './bins.ts';
import type { Outcome } from './card.ts';
import type { Row } from './query.ts';

/** A number that a person may set; bound in the queries under its name. */
interface AnalysisOption {
  readonly name: string;
  readonly doc: string;
  readonly initial: number;
  /** Its least and its greatest value, or all that it may have: those at which a rollup divides what it counts. */
  readonly allowed: { readonly least: number; readonly most: number } | readonly number[];
}

/** What an analysis is asked about. Times are UTC microseconds, [from, until). */
export interface Scope {
  /** A service by its name; without it, all traffic. */
  readonly service?: string | undefined;
  /** Without them, the range of the data. */
  readonly from?: number | undefined;
  readonly until?: number | undefined;
  /** IANA name; times are printed in it. */
  readonly timezone: string;
  readonly provenance?: Provenance | undefined;
  /** Where the vantage stands. */
  readonly vantageAt?: Coordinates | undefined;
  readonly announced?: AnnouncedSource | undefined;
}

/** Degrees north and east. */
export interface Coordinates {
  readonly latitude: number;
  readonly longitude: number;
}

/** What autonomous systems announce, by the address database in use. */
export interface AnnouncedSpaces {
  readonly edition: string;
  /** Counts of IPv4 addresses and networks, each once; undefined for a system that the database does not have. */
  readonly ofSystem: (asn: number) =>
    | {
        readonly addresses: number;
        readonly nets24: number;
        readonly nets16: number;
        readonly nets8: number;
      }
    | undefined;
}

/** Read when an analysis asks for it. */
interface AnnouncedSource {
  /** Path of the database that overlays the default, for the command that reproduces a card. */
  readonly overlay?: string | undefined;
  /** @param at UTC microseconds: what was announced then */
  readonly read: (at: number) => Promise<AnnouncedSpaces>;
}

/** What reproduces the numbers: state of the store, fingerprint of the rules, date of the databases. */
export interface Provenance {
  readonly snapshot?: string | undefined;
  readonly rules?: string | undefined;
  readonly databases?: string | undefined;
}

/** The scope as resolved against the data. */
export interface Context {
  /** '' is all traffic. */
  readonly service: string;
  readonly fromUs: number;
  readonly untilUs: number;
  readonly timezone: string;
  readonly options: Readonly<Record<string, number>>;
  /** For flows. */
  readonly bins: Bins;
  /** For the counters: whole minutes. */
  readonly minuteBins: Bins;
  /** What the imports cover. */
  readonly imported: readonly Range[];
  readonly vantageAt?: Coordinates | undefined;
  /** At the end of the range. */
  readonly announced?: AnnouncedSpaces | undefined;
}

/** The rows of a query by its name. */
export type Results = (query: string) => readonly Row[];

/** How one card is made. */
export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** What `n` counts. */
  readonly unit: string;
  /** Files `<name>.sql` beside the analysis. */
  readonly queries: readonly string[];
  /** Is the query of that name asked? Without it, all are. */
  readonly asks?: (query: string, context: Context) => boolean;
  /** A pure function of the rows; undefined if there is nothing to say. */
  readonly make: (results: Results, context: Context) => Outcome | undefined;
  /** It looks at all traffic, whatever the service asked about. */
  readonly allTraffic?: true;
  /** What to say then, if the scope has flows at all. */
  readonly nothing: { readonly finding: string; readonly hint: string };
}

export interface Analysis {
  /** Name of command, route and folder. */
  readonly name: string;
  readonly title: string;
  readonly question: string;
  /** Where the queries and `page.md` stand. */
  readonly folder: URL;
  readonly options: readonly AnalysisOption[];
  /** It looks at where addresses lie: it takes the place of the vantage, and the space that systems announce. */
  readonly locates?: true;
  readonly recipes: readonly Recipe[];
}

/** What the numbers are about, for a sentence. */
export const subjectOf = ({ service }: Context): string => (service === '' ? 'all traffic' : service);

/** A class for people: flows that no rule puts into one have ''. */
export const classLabel = (name: string): string => (name === '' ? 'no class' : name);
