/** Is a text that a person sent one harmless question about the tables? Decided on the server's own syntax tree (EXPLAIN AST). */
import { text as textOf } from 'node:stream/consumers';
import { tables } from '../../tickets/index.ts';
import { refused } from '../engine/check-sql.ts';
import type { Parameters } from '../engine/dialect.ts';
import type { QueryLimits } from '../engine/query.ts';
import { rowsTable } from './ddl.ts';
import { openAnswer } from './run-query.ts';
import type { Endpoint, Settings } from './server.ts';

/** A node as the server prints it, `TableIdentifier flows (alias f) (children 1)`, and those below it. */
interface Node {
  readonly kind: string;
  /** What stands behind the kind: a name, or nothing. */
  readonly name: string;
  readonly children: Node[];
}

// What a tree may consist of. A kind that is not here is refused, so that a newer server opens nothing: Set (SETTINGS),
// ColumnsApplyTransformer, which does not show the function that it applies, and all that is no question.
const kinds = new Set([
  'SelectWithUnionQuery',
  'SelectIntersectExceptQuery',
  'SelectQuery',
  'ExpressionList',
  'WithElement',
  'Subquery',
  'Function',
  'Identifier',
  'Literal',
  'Asterisk',
  'QualifiedAsterisk',
  'ColumnsRegexpMatcher',
  'ColumnsListMatcher',
  'QualifiedColumnsRegexpMatcher',
  'QualifiedColumnsListMatcher',
  'ColumnsTransformerList',
  'ColumnsExceptTransformer',
  'ColumnsReplaceTransformer',
  'ColumnsReplaceTransformer::Replacement',
  'TablesInSelectQuery',
  'TablesInSelectQueryElement',
  'TableExpression',
  'TableIdentifier',
  'TableJoin',
  'ArrayJoin',
  'SampleRatio',
  'OrderByElement',
  'InterpolateElement',
  'WindowListElement',
  'WindowDefinition',
  'Explain',
  'DescribeQuery',
]);

const tableFunctions = new Set(['numbers', 'zeros', 'values', 'generate_series', 'generateseries']);

// Functions that read, write, wait, or tell of the machine and of other users. The server bounds what a value may take.
const deniedFunctions =
  /^(file|filesystem.*|dict.*|joinget.*|sleep.*|log.*trace|generateserialid|catboostevaluate|evalmlmethod|ai[a-z]+|get(setting|server|macro|mergetree|oskernel|client).*|(full)?hostname|fqdn|displayname|serveruuid|tcpport|uptime|buildid|tid|.*session.*|(current|enabled|default)(roles|profiles|user)|user|(initial)?_?query_?id|initialquery.*|connection_?id|addressto.*|demangle|showcertificate|transaction.*|zookeeper.*|__.*)$/;

const inFunctions = /^(global)?(not)?(null)?in(ignoreset)?$/;

/** Tables of the database that queries are not about. */
const hidden = new Set(['store_key', ...tables.flatMap((table) => [rowsTable(table), `${table.name}_cluster`])]);

const refusedTree = () => refused('the server tells its form in a way that cannot be judged');

/** The tree of lines that stand under each other by a space. Names could hold lines of their own: the numbers of children tell. */
const treeOf = (lines: readonly string[]): Node => {
  const path: { readonly node: Node; readonly count: number }[] = [];
  const leave = (depth: number): void => {
    for (const { node, count } of path.splice(depth)) if (node.children.length !== count) throw refusedTree();
  };
  let root: Node | undefined;
  for (const line of lines) {
    const [, indent, kind, name, count = '0'] = /^( *)(\S+)(.*?)(?: \(children (\d+)\))?$/.exec(line) ?? [];
    if (indent === undefined || kind === undefined || indent.length > path.length) throw refusedTree();
    const node = { kind, name: name!.replace(/ \(alias .*\)$/, '').trim(), children: [] };
    leave(indent.length);
    path.at(-1)?.node.children.push(node);
    if (path.length === 0 && root !== undefined) throw refusedTree();
    root ??= node;
    path.push({ node, count: Number(count) });
  }
  leave(0);
  if (root === undefined) throw refusedTree();
  return root;
};

/** A name with a database before it is not of this store. */
const checkTable = (name: string): void => {
  if (!/^[\p{L}_][\p{L}\d_]*$/u.test(name) || hidden.has(name)) throw refused(`there is no table ${name}`);
};

const checkFunction = ({ name, children: [parameters] }: Node): void => {
  const lower = name.toLowerCase();
  if (deniedFunctions.test(lower)) throw refused(`the function ${name} is not allowed here`);
  const right = parameters?.children[1];
  // Behind IN, a name is a table.
  if (inFunctions.test(lower) && right?.kind === 'Identifier') checkTable(right.name);
};

const checkNode = (node: Node): void => {
  const { kind, name, children } = node;
  if (!kinds.has(kind))
    throw refused(
      kind === 'ShowTables' ? 'of SHOW, only SHOW TABLES is allowed' : 'only SELECT is allowed, without SETTINGS',
    );
  if (kind === 'Function') checkFunction(node);
  if (kind === 'TableIdentifier') checkTable(name);
  if (kind === 'SelectWithUnionQuery' && children.some((child) => child.kind !== 'ExpressionList'))
    throw refused('the answer goes where the command sends it: no INTO OUTFILE, no FORMAT');
  for (const child of children) {
    if (kind === 'TableExpression' && child.kind === 'Function' && !tableFunctions.has(child.name.toLowerCase()))
      throw refused(`the table function ${child.name} is not allowed`);
    checkNode(child);
  }
};

/**
 * Refuses everything but one SELECT (also after EXPLAIN or DESCRIBE) over the tables of the store, and SHOW TABLES. The
 * server runs it read-only; this is the second wall, for what a server lets a reader do: read its system tables and the
 * files of its users, write a file, wait.
 *
 * @throws SONDE_QUERY_REFUSED, SONDE_QUERY_FAILED if it is no SQL, SONDE_STORE_UNREADABLE
 */
export const checkQuery = async (
  servers: readonly Endpoint[],
  sql: string,
  parameters: Parameters,
  limits: Pick<QueryLimits, 'timeMs' | 'signal'>,
  settings: Settings,
): Promise<void> => {
  if (/^\s*show\s+tables\s*;?\s*$/i.test(sql)) return;
  // With a format of its own, that would be in the tree.
  const answer = await openAnswer(servers, `EXPLAIN AST\n${sql}`, undefined, parameters, limits, settings);
  const lines = (await textOf(answer)).trimEnd().split('\n');
  checkNode(treeOf(lines));
};
