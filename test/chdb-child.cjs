/** ClickHouse in a process of its own: runs queries, given as one JSON argument; their rows as JSON on standard output. */
const { query } = require('chdb');

const settings = "SETTINGS output_format_json_quote_64bit_integers = 0, session_timezone = 'UTC'";
const results = JSON.parse(process.argv[2]).map((sql) =>
  query(`${sql} ${settings}`, 'JSONCompactEachRow')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line)),
);
process.stdout.write(JSON.stringify(results));
