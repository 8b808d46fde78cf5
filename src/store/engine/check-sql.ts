/** Is a text that a person sent one harmless question about the tables? Decided on the engine's own syntax tree. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { SondeError } from '../../kit/errors.ts';

export const refused = (reason: string): SondeError =>
  new SondeError(
    'SONDE_QUERY_REFUSED',
    reason,
    {},
    'ask one SELECT over the tables of the store; EXPLAIN, DESCRIBE and SHOW TABLES work too',
  );

const failed = (reason: string): SondeError =>
  new SondeError('SONDE_QUERY_FAILED', reason, {}, 'see the data dictionary for tables and columns');

const maxLength = 100_000;
const tableFunctions = new Set(['range', 'generate_series', 'unnest']);
const shown = new Set(['"tables"', '__show_tables_expanded']);

// Functions that tell of the machine, keep state, write, wait, or run a text as SQL.
const deniedFunctions =
  /^(pg_.*|duckdb_.*|pragma_.*|read_.*|write_.*|get_?env|getvariable|current_setting|current_query|nextval|currval|setseed|sleep.*|parse_duckdb_.*|json_(de)?serialize_.*|json_execute_.*|sql_.*|glob|query|query_table|inet_.*|user_agent)$/;

// Functions that make a value of any size in one call. The engine's memory limit does not count single values, and its
// interrupt waits for the call to end: `range(500000000)` takes 20 GB and a minute whatever the limits are. As table
// functions, range and generate_series give rows, and those are limited. Other ways to a value without bounds remain
// (`||` on itself, again and again): such a query is given up, and whoever lets strangers ask runs it in a process of its
// own, which can be ended.
const amplifiers = /^(repeat|range|generate_series|list_resize|array_resize|lpad|rpad|printf|format|bar|bitstring)$/;

// What a tree may consist of. A kind of node that is not here is refused, so that a newer engine opens nothing.
const queryNodes = new Set(['SELECT_NODE', 'SET_OPERATION_NODE', 'RECURSIVE_CTE_NODE', 'CTE_NODE']);
const tableNodes = new Set([
  'BASE_TABLE',
  'SUBQUERY',
  'JOIN',
  'TABLE_FUNCTION',
  'EXPRESSION_LIST',
  'EMPTY',
  'EMPTY_FROM',
  'SHOW_REF',
  'PIVOT',
]);

type Node = Readonly<Record<string, unknown>>;
const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value);

const checkFunction = (node: Node): void => {
  const name = String(node.function_name).toLowerCase();
  if (deniedFunctions.test(name) || amplifiers.test(name)) throw refused(`the function ${name} is not allowed here`);
};

const checkTable = (node: Node, names: ReadonlySet<string>): void => {
  const type = String(node.type);
  if (!tableNodes.has(type)) throw refused(`${type} is not allowed`);
  if (type === 'BASE_TABLE') {
    const name = String(node.table_name).toLowerCase();
    if (node.catalog_name !== '' || node.schema_name !== '' || !names.has(name))
      throw refused(`there is no table ${[node.catalog_name, node.schema_name, name].filter(Boolean).join('.')}`);
  }
  if (type === 'TABLE_FUNCTION') {
    const call = node.function;
    const name = isNode(call) ? String(call.function_name).toLowerCase() : '';
    if (!tableFunctions.has(name)) throw refused(`the table function ${name} is not allowed`);
  }
  if (type === 'SHOW_REF' && node.query === null && !shown.has(String(node.table_name)))
    throw refused('of SHOW, only SHOW TABLES is allowed');
};

/** The names that a node's WITH gives, each known to the ones after it and to itself, for it may be recursive. */
const withNames = (node: Node, names: ReadonlySet<string>): ReadonlySet<string> => {
  const ctes = isNode(node.cte_map) ? node.cte_map.map : undefined;
  if (!Array.isArray(ctes) || ctes.length === 0) return names;
  const known = new Set(names);
  for (const cte of ctes.filter(isNode)) {
    known.add(String(cte.key).toLowerCase());
    checkNode(cte.value, new Set(known));
  }
  return known;
};

// Queries have `cte_map`; table references have `sample`, and so have queries; expressions have `class`.
const checkNode = (value: unknown, names: ReadonlySet<string>): void => {
  if (Array.isArray(value)) for (const one of value) checkNode(one, names);
  if (!isNode(value)) return;
  const isQuery = 'cte_map' in value;
  if (isQuery && !queryNodes.has(String(value.type))) throw refused(`${value.type} is not allowed`);
  const known = withNames(value, names);
  if ('function_name' in value) checkFunction(value);
  if ('sample' in value && !isQuery) checkTable(value, known);
  for (const [key, child] of Object.entries(value)) {
    // The name of a table function was checked with the table; what it is given was not.
    if (value.type === 'TABLE_FUNCTION' && key === 'function' && isNode(child))
      checkNode({ ...child, function_name: '' }, known);
    else if (key !== 'cte_map') checkNode(child, known);
  }
};

/**
 * Refuses everything but one SELECT (WITH, FROM first, VALUES, DESCRIBE, SUMMARIZE, SHOW TABLES, also after EXPLAIN)
 * that reads the given tables, and calls no function that reads or tells anything else. The engine that runs it has no
 * access to files but those of the tables; this is the first of two walls.
 *
 * @throws SONDE_QUERY_REFUSED, SONDE_QUERY_FAILED if it is no SQL
 */
export const checkSql = async (connection: DuckDBConnection, sql: string, tables: readonly string[]): Promise<void> => {
  if (sql.length > maxLength) throw refused(`a query may have ${maxLength} characters`);
  const question = sql.replace(/^\s*explain\s+(analyze\s+)?/i, '');
  const reader = await connection.runAndReadAll('SELECT json_serialize_sql($1::VARCHAR)', [question]);
  const tree = JSON.parse(String(reader.getRows()[0]?.[0])) as Node;
  if (tree.error === true) {
    const message = String(tree.error_message);
    throw tree.error_type === 'parser' || tree.error_type === 'syntax'
      ? failed(message)
      : refused('only SELECT is allowed');
  }
  const statements = tree.statements;
  if (!Array.isArray(statements) || statements.length !== 1) throw refused('only one statement is allowed');
  checkNode(statements[0], new Set(tables));
};
