/** The templates of a scope with what they carry, from the rows of the queries. */
import type { Results } from '../analysis.ts';
import { numberOf, numberOrNull, type Row, textOf } from '../query.ts';
import { toValueCounts, type ValueCount } from '../statistics/value-count.ts';
import { findTemplates, type Scheme } from './find-templates.ts';
import { type Guess, guessClass } from './guess-class.ts';

export interface MeasuredScheme extends Scheme {
  readonly flows: number;
  readonly bytes: number;
  readonly lingering: number;
  /** Flows by protocol and port (`tcp 443`), by class of the rules and by source of the name; the most first. */
  readonly ports: ReadonlyMap<string, number>;
  readonly classes: ReadonlyMap<string, number>;
  readonly sources: ReadonlyMap<string, number>;
  readonly servers: number;
  readonly nets: number;
  readonly up: readonly ValueCount[];
  readonly down: readonly ValueCount[];
  readonly guess: Guess;
}

export interface Schemes {
  /** Heaviest first. */
  readonly schemes: readonly MeasuredScheme[];
  /** Of all names of the scope, those beyond the 5,000 heaviest included. */
  readonly flows: number;
  readonly bytes: number;
}

/** Rows by name, of those that are selected. */
const byName = (rows: readonly Row[], isSelected: (row: Row) => boolean): ReadonlyMap<string, readonly Row[]> => {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    if (!isSelected(row)) continue;
    const name = textOf(row, 'name');
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [row]);
    else group.push(row);
  }
  return groups;
};

const add = (sums: Map<string, number>, key: string, n: number): void => {
  sums.set(key, (sums.get(key) ?? 0) + n);
};

const mostFirst = (sums: ReadonlyMap<string, number>): ReadonlyMap<string, number> =>
  new Map([...sums].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)));

/** The sizes at which rollups divide what they count, bytes. */
const sizeSteps = [
  ...[500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000],
  ...[1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000],
];

/** Between two steps the geometric middle stands for all; beyond the last one, that step. */
const toSizes = (row: Row, way: 'up' | 'down'): readonly ValueCount[] => {
  const reached = [numberOf(row, `${way}_n`), ...sizeSteps.map((step) => numberOf(row, `${way}_n_${step}`))];
  return reached.flatMap((n, i) => {
    const count = n - (reached[i + 1] ?? 0);
    const [from, until] = [sizeSteps[i - 1] ?? sizeSteps[0]! / 2, sizeSteps[i] ?? sizeSteps[i - 1]!];
    return count === 0 ? [] : [{ value: Math.round(Math.sqrt(from * until)), count }];
  });
};

/**
 * @param unowned names that no rule owns; otherwise those of the scope, which are all names if it is all traffic
 * @param least values that make a blank
 */
export const readSchemes = (results: Results, service: string, unowned: boolean, least: number): Schemes => {
  const isSelected = (row: Row): boolean =>
    unowned ? numberOf(row, 'unowned') === 1 : service === '' || numberOf(row, 'unowned') === 0;
  const [named, served, sized] = ['names', 'servers', 'sizes'].map((query) => byName(results(query), isSelected)) as [
    ReadonlyMap<string, readonly Row[]>,
    ReadonlyMap<string, readonly Row[]>,
    ReadonlyMap<string, readonly Row[]>,
  ];
  const measure = (scheme: Scheme): MeasuredScheme => {
    const of = (rows: ReadonlyMap<string, readonly Row[]>): readonly Row[] =>
      scheme.names.flatMap((name) => rows.get(name) ?? []);
    const [ports, classes, sources] = [new Map<string, number>(), new Map<string, number>(), new Map<string, number>()];
    let [flows, bytes, lingering] = [0, 0, 0];
    for (const row of of(named)) {
      const n = numberOf(row, 'flow_total');
      flows += n;
      bytes += numberOf(row, 'byte_total');
      lingering += numberOf(row, 'lingering_total');
      add(ports, `${textOf(row, 'transport')} ${numberOrNull(row, 'port') ?? '-'}`, n);
      add(classes, textOf(row, 'class_name'), n);
      add(sources, textOf(row, 'fqdn_source'), n);
    }
    const [addresses, nets] = ['address', 'net'].map(
      (column) => new Set(of(served).flatMap((row) => (textOf(row, column) === '' ? [] : [textOf(row, column)]))),
    );
    const sizesOf = (way: 'up' | 'down'): readonly ValueCount[] =>
      toValueCounts(of(sized).flatMap((row) => toSizes(row, way)));
    const traffic = { flows, lingering, ports: mostFirst(ports), up: sizesOf('up'), down: sizesOf('down') };
    return {
      ...scheme,
      ...traffic,
      bytes,
      classes: mostFirst(classes),
      sources: mostFirst(sources),
      servers: addresses!.size,
      nets: nets!.size,
      guess: guessClass(scheme.names[0]!, traffic),
    };
  };
  const schemes = findTemplates(named.keys(), least)
    .map(measure)
    .sort((a, b) => b.bytes - a.bytes || b.flows - a.flows || (a.names[0]! < b.names[0]! ? -1 : 1));
  const totals = new Map<number, { flows: number; bytes: number }>();
  for (const rows of named.values())
    for (const row of rows)
      totals.set(numberOf(row, 'unowned'), { flows: numberOf(row, 'all_flows'), bytes: numberOf(row, 'all_bytes') });
  const sum = (of: 'flows' | 'bytes'): number => [...totals.values()].reduce((all, total) => all + total[of], 0);
  return { schemes, flows: sum('flows'), bytes: sum('bytes') };
};
