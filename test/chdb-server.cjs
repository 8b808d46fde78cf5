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
let isReadonly = false;

/** Settings last as long as the session, and `readonly` can be taken back by nobody in it. */
const renewSession = () => {
  session.close();
  session = new Session(join(folder, 'data'));
  isReadonly = false;
};

/** The data of an INSERT as a file, from which the same rows are inserted. */
const withData = (statement, data, settings) => {
  const [, into, format] = /^(INSERT INTO .*) FORMAT (\w+)$/s.exec(statement);
  const path = join(folder, 'block');
  writeFileSync(path, data);
  return `${into} SELECT * FROM file('${path}', ${format}) ${settings}`;
};

const answer = async (body, url) => {
  if (isReadonly) renewSession();
  isReadonly = url.searchParams.has('readonly');
  const parameters = [...url.searchParams].filter(([name]) => name !== 'database');
  const database = url.searchParams.get('database');
  if (database !== null) session.query(`USE ${database}`);
  const set = parameters.map(([name, value]) => `${name} = '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`);
  const newline = body.indexOf(0x0a);
  const first = body.subarray(0, newline < 0 ? body.length : newline).toString();
  const isInsert = /^INSERT INTO .* FORMAT \w+$/.test(first);
  const head = isInsert ? first : body.toString();
  const settings = set.length === 0 ? '' : `SETTINGS ${set.join(', ')}`;
  if (isInsert) return session.queryAsync(withData(head, body.subarray(newline + 1), settings));
  if (set.length > 0) session.query(`SET ${set.join(', ')}`);
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
