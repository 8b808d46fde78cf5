import { spawnSync } from 'node:child_process';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { HOUR, SECOND, toIsoTime } from '../kit/time.ts';
import { dnsEvidence, type NamePolicy, nameByPolicy, nameByPolicySql } from './dns-evidence.ts';

const T = Date.UTC(2014, 1, 22, 18) * 1000;
const policies: readonly NamePolicy[] = ['strict', 'grace', 'any'];

// Age of the answer at the first packet, TTL, and which policies let it name the flow: 1 us either side of each edge.
const edges = [
  { age: 0, ttlS: 60, strict: true, grace: true },
  { age: 60 * SECOND - 1, ttlS: 60, strict: true, grace: true },
  { age: 60 * SECOND, ttlS: 60, strict: true, grace: true },
  { age: 60 * SECOND + 1, ttlS: 60, strict: false, grace: true },
  { age: 60 * SECOND + HOUR - 1, ttlS: 60, strict: false, grace: true },
  { age: 60 * SECOND + HOUR, ttlS: 60, strict: false, grace: true },
  { age: 60 * SECOND + HOUR + 1, ttlS: 60, strict: false, grace: false },
  { age: 0, ttlS: 0, strict: true, grace: true },
  { age: 1, ttlS: 0, strict: false, grace: true },
  { age: HOUR, ttlS: 0, strict: false, grace: true },
  { age: HOUR + 1, ttlS: 0, strict: false, grace: false },
  { age: 365 * 24 * HOUR, ttlS: 2 ** 31 - 1, strict: true, grace: true },
];

describe('policies on the age of an answer', () => {
  test.each(edges)('age $age us, TTL $ttlS s', ({ age, ttlS, strict, grace }) => {
    expect(dnsEvidence(T + age, T, ttlS)).toBe(strict ? 'valid' : 'expired');
    expect(policies.map((policy) => nameByPolicy(policy, T + age, T, ttlS))).toEqual([strict, grace, true]);
  });
});

describe('the same policies in SQL', () => {
  // The columns of `flows` that matter, one row an edge, and a last one without an answer.
  const query = (time: string, integer: string): string => {
    const row = (i: number, name: string, age: number, answered: string, ttl: string): string =>
      `SELECT ${i} AS i, '${name}' AS dns_name, CAST('${toIsoTime(T + age).slice(0, -1)}' AS ${time}) AS started_at,
       CAST(${answered} AS ${time}) AS dns_answered_at, CAST(${ttl} AS ${integer}) AS dns_ttl_s`;
    const rows = edges.map(({ age, ttlS }, i) =>
      row(i, 'g.whatsapp.net', age, `'${toIsoTime(T).slice(0, -1)}'`, `${ttlS}`),
    );
    rows.push(row(edges.length, '', 0, 'NULL', 'NULL'));
    const columns = policies.map((policy) => `CASE WHEN ${nameByPolicySql(policy)} THEN 1 ELSE 0 END AS ${policy}`);
    return `SELECT ${columns.join(', ')} FROM (${rows.join(' UNION ALL ')}) AS flows ORDER BY i`;
  };
  const expected = [...edges.map(({ strict, grace }) => [Number(strict), Number(grace), 1]), [0, 0, 0]];

  test('DuckDB', async () => {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    const reader = await connection.runAndReadAll(query('TIMESTAMP', 'BIGINT'));
    expect(reader.getRows()).toEqual(expected);
  });

  test('ClickHouse', () => {
    const sql = query("Nullable(DateTime64(6, 'UTC'))", 'Nullable(Int64)');
    const script = `process.stdout.write(require('chdb').query(${JSON.stringify(sql)}, 'JSONCompactEachRow'))`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(expected);
  });
});
