/**
 * ClickHouse 26 behind its HTTP interface, for tests: chDB has the engine and no server. Takes statements, parameters,
 * settings and blocks as a server does, one after the other; tells its port by IPC.
 */
const { writeFileSync } = require('node:fs');
const { createServer } = require('node:http');
const { join } = require('node:path');
const { Session } = require('chdb');

const folder = process.argv[2];
let session = new Session(join(folder, 'data'));
/** The settings of the session if it is read-only; then they last as long as it does, and nobody can change them. */
let held;

/** Settings that a server takes for one request. */
const use = (settings, isReadonly) => {
  if (held === settings) return;
  if (held !== undefined) {
    session.close();
    session = new Session(join(folder, 'data'));
  }
  held = isReadonly ? settings : undefined;
  if (settings !== '') session.query(`SET ${settings}`);
};

/** The data of an INSERT as a file, from which the same rows are inserted. */
const withData = (statement, data, settings) => {
  const [, into, format] = /^(INSERT INTO .*) FORMAT (\w+)$/s.exec(statement);
  const path = join(folder, 'block');
  writeFileSync(path, data);
  return `${into} SELECT * FROM file('${path}', ${format}) ${settings}`;
};

const answer = async (body, url) => {
  const parameters = [...url.searchParams].filter(([name]) => name !== 'database');
  const database = url.searchParams.get('database');
  const settings = parameters
    .map(([name, value]) => `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`)
    .join(', ');
  const newline = body.indexOf(0x0a);
  const first = body.subarray(0, newline < 0 ? body.length : newline).toString();
  const isInsert = /^INSERT INTO .* FORMAT \w+$/.test(first);
  const head = isInsert ? first : body.toString();
  use(isInsert ? '' : settings, url.searchParams.has('readonly'));
  if (database !== null) session.query(`USE ${database}`);
  if (isInsert)
    return session.queryAsync(
      withData(head, body.subarray(newline + 1), settings === '' ? '' : `SETTINGS ${settings}`),
    );
  return session.queryAsync(head, { format: 'TabSeparated' });
};

let turn = Promise.resolve();
const server = createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    turn = turn.then(async () => {
      try {
        const result = await answer(Buffer.concat(parts), new URL(request.url, 'http://localhost'));
        response.end(result.bytes());
      } catch (error) {
        response.writeHead(500).end(error.message);
      }
    });
  });
});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
