/** The columns of a table in the words of the Delta protocol ("Schema Serialization Format"). */
import type { Column, ColumnKind, Columns, Table } from '../../tickets/column.ts';

type DeltaType = string | { readonly type: 'array'; readonly elementType: string; readonly containsNull: boolean };

/** A column as the log has it; its type stays as it was found, so that a newer program's columns survive. */
export interface DeltaField {
  readonly name: string;
  readonly type: DeltaType;
  readonly nullable: boolean;
  readonly metadata: Readonly<Record<string, unknown>>;
}

const types: Readonly<Record<ColumnKind, DeltaType>> = {
  time: 'timestamp_ntz',
  count: 'long',
  real: 'double',
  flag: 'boolean',
  text: 'string',
  id: 'string',
  texts: { type: 'array', elementType: 'string', containsNull: false },
  counts: { type: 'array', elementType: 'long', containsNull: false },
};

const isNullable = (kind: ColumnKind): boolean => ['time', 'count', 'real', 'flag'].includes(kind);

/**
 * The fields that a table should have, given those that its log has: the known ones as they are, then ours that it lacks.
 *
 * A field that joins an existing table is nullable even if it is a text, because segments from before do not hold it and
 * foreign readers give NULL there; Sonde itself reads '' or [].
 */
export const mergeFields = (known: readonly DeltaField[], table: Table): readonly DeltaField[] => {
  const names = new Set(known.map((field) => field.name));
  const added = Object.entries(table.columns)
    .filter(([name]) => !names.has(name))
    .map(([name, { kind, doc }]) => ({
      name,
      type: types[kind],
      nullable: known.length > 0 || isNullable(kind),
      metadata: { comment: doc },
    }));
  return added.length === 0 ? known : [...known, ...added];
};

const kindOf = (type: DeltaType): ColumnKind | undefined =>
  (Object.keys(types) as ColumnKind[]).find((kind) => JSON.stringify(types[kind]) === JSON.stringify(type));

/**
 * The columns that the fields stand for; undefined if a type is none of ours, or a name not one that can stand in SQL.
 * Ids are texts to the protocol, and so they are here.
 */
export const toColumns = (fields: readonly DeltaField[]): Columns | undefined => {
  const columns: Record<string, Column> = {};
  for (const { name, type, metadata } of fields) {
    const kind = kindOf(type);
    if (kind === undefined || !/^[a-z][a-z0-9_]{0,62}$/.test(name)) return undefined;
    columns[name] = { kind, doc: String(metadata?.comment ?? '') };
  }
  return columns;
};

/** The text of `metaData.schemaString`. */
export const writeSchema = (fields: readonly DeltaField[]): string => JSON.stringify({ type: 'struct', fields });

/** Reads `metaData.schemaString`; undefined if it is not a struct of named fields. */
export const parseSchema = (text: unknown): readonly DeltaField[] | undefined => {
  if (typeof text !== 'string') return undefined;
  try {
    const { fields } = JSON.parse(text) as { readonly fields?: readonly Partial<DeltaField>[] };
    return Array.isArray(fields) && fields.every((field) => typeof field.name === 'string')
      ? (fields as readonly DeltaField[])
      : undefined;
  } catch {
    return undefined;
  }
};
