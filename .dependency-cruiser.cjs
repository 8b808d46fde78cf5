/** Which room may import which: the table of the design as rules, and no circles. `test/rooms.test.ts` proves them. */
const path = require('node:path');

const basics = ['kit', 'tickets', 'packet'];
const makers = ['capture', 'probe', 'imports'];
const labellers = ['naming', 'catalog', 'enrich', 'privacy'];
const collectors = ['active', 'social', 'qoe'];

const pipeline = [...basics, ...makers, ...labellers];
const belowRim = [...pipeline, 'pipeline', 'store', 'jobs', 'analysis', ...collectors, 'synth'];
const each = (rooms, imports) => Object.fromEntries(rooms.map((room) => [room, imports]));

/** The rooms of `src/`, each with the rooms it may import besides itself. */
const rooms = {
  kit: [],
  tickets: ['kit'],
  packet: ['kit'],
  ...each([...makers, ...labellers], basics),
  pipeline,
  store: ['kit', 'tickets'],
  jobs: ['kit', 'tickets', 'store'],
  analysis: ['kit', 'tickets'],
  ...each(collectors, [...basics, 'pipeline', 'store']),
  synth: basics,
  web: ['kit', 'tickets'],
  report: belowRim,
  server: belowRim,
  cli: [...belowRim, 'report', 'server'],
};

const inRooms = (names) => `^src/(${names.join('|')})/`;
const isTest = '\\.test\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports`,
      severity: 'error',
      comment: `src/${room} may import ${allowed.join(', ') || 'nothing of ours'}`,
      from: { path: inRooms([room]), pathNot: isTest },
      // `dist` would be a way around the rooms.
      to: { path: '^(src|dist|test|bench|scripts)/', pathNot: inRooms([room, ...allowed]) },
    })),
    {
      name: 'unknown-room',
      severity: 'error',
      comment: 'every file of src is in a room of the table in .dependency-cruiser.cjs',
      from: { path: '^src/', pathNot: inRooms(Object.keys(rooms)) },
      to: {},
    },
    {
      name: 'no-circles',
      severity: 'error',
      comment: 'a circle cannot be understood, tested or taken away one file at a time',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-found',
      severity: 'error',
      comment: 'an import that leads nowhere is seen by no other rule',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: path.join(__dirname, 'tsconfig.json') },
    // Imports of types alone are imports too.
    tsPreCompilationDeps: true,
  },
};
