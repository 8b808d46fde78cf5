/** Three hours of a tester with a telephone of 2014: what was done and when, and the packets that it brought forth. */
import { Random } from '../src/kit/random.ts';
import { MINUTE, SECOND } from '../src/kit/time.ts';
import { devices } from '../src/synth/device.ts';
import type { Frame } from '../src/synth/frame.ts';
import { chatHosts, type Host, mediaHosts, sharedHosts } from '../src/synth/hosting.ts';
import { opaque } from '../src/synth/payload.ts';
import { PlantedClient } from '../src/synth/planted-client.ts';
import { type Opening, play } from '../src/synth/play.ts';
import { mediaScript, tlsPageScript } from '../src/synth/scripts.ts';
import type { Turn } from '../src/synth/tcp-segments.ts';

/** By the clock of the capture, UTC microseconds. */
interface PlantedAction {
  readonly at: number;
  readonly until: number;
  readonly action: string;
}

export interface PlantedSession {
  readonly actions: readonly PlantedAction[];
  /** Made while they are read, once. */
  readonly frames: Iterable<Frame>;
}

const beginsAt = Date.UTC(2014, 1, 18, 10) * 1000;
const lastsUs = 180 * MINUTE;
/** After so long the telephone makes a new chat connection, to whichever host it is given. */
const chatLastsUs = 15 * MINUTE;

const mediaOf = { 'send photo': 'image', 'record audio': 'audio', 'send video': 'video' } as const;
const medianBytes = { image: 70_000, audio: 40_000, video: 400_000 } as const;
const kinds = ['send message', ...Object.keys(mediaOf)] as (keyof typeof mediaOf | 'send message')[];
const RECORDING_US = 6 * SECOND;
/** Of the media: what could not be sent then. */
const FAILED_SHARE = 0.06;

/** The deck has cX and dX beside eX. */
const chatNames = ['c1', 'e7', 'd2', 'e12', 'c3', 'd1', 'e1', 'c2', 'd3', 'e16', 'c1', 'd2'];

const shuffled = <T>(items: readonly T[], random: Random): readonly T[] =>
  items
    .map((item) => ({ item, key: random.unit() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);

const plantActions = (random: Random): readonly PlantedAction[] => {
  const each = 40;
  const todo = shuffled(
    kinds.flatMap((action) => Array.from({ length: each }, () => action)),
    random,
  );
  return todo.map((action, i) => {
    const at = beginsAt + MINUTE + Math.round(((i + 0.7 * random.unit()) * (lastsUs - 2 * MINUTE)) / todo.length);
    return { at, until: action === 'record audio' ? at + RECORDING_US : at, action };
  });
};

function* look(client: PlantedClient, at: number, host: Host): Generator<Opening, number> {
  const latencyUs = client.random.between(5_000, 60_000);
  const answers = host.addresses.map((data) => ({ name: host.name, type: 'A' as const, ttlS: host.ttlS, data }));
  yield client.ask(at, { name: host.name, latencyUs, answers });
  return at + latencyUs + client.random.between(500, 20_000);
}

/** A chat connection whose bursts are at these times: each a message and its confirmation. Round trips make the last ones some seconds late. */
function* chat(client: PlantedClient, at: number, name: string, bursts: readonly number[]): Generator<Opening> {
  const host = { ...chatHosts[at % chatHosts.length]!, name: `${name}.whatsapp.net` };
  const connectAt = yield* look(client, at, host);
  const turns = bursts.flatMap((burst, i): Turn[] => [
    {
      direction: 'up',
      payload: opaque(client.random.between(60, 400)),
      afterUs: Math.max(50, burst - (i === 0 ? connectAt : bursts[i - 1]!)),
    },
    { direction: 'down', payload: opaque(24), afterUs: 1000 },
  ]);
  const close = { by: 'up', how: 'fin', afterUs: 1000 } as const;
  yield client.connect(connectAt, { server: host.addresses[0]!, port: 5222, scenario: 'chat' }, { turns, close });
}

function* visit(
  client: PlantedClient,
  at: number,
  host: Host,
  what: 'page' | keyof typeof medianBytes,
): Generator<Opening> {
  const { random, device } = client;
  const connectAt = yield* look(client, at, host);
  const script =
    what === 'page'
      ? tlsPageScript(random, { serverName: host.name }, random.between(2_000, 60_000))
      : mediaScript(random, device, host.name, 'up', Math.round(random.logNormal(medianBytes[what], 0.5)));
  yield client.connect(connectAt, { server: host.addresses[0]!, port: 443, sni: host.name, scenario: what }, script);
}

/** What one action brings forth, besides chat. */
function* answer(client: PlantedClient, { until, action }: PlantedAction): Generator<Opening> {
  const { random } = client;
  if (action === 'send message' || random.chance(FAILED_SHARE)) return;
  const ofClass = mediaOf[action as keyof typeof mediaOf];
  yield* visit(client, until + random.between(300_000, 2 * SECOND), random.pick(mediaHosts[ofClass]), ofClass);
}

/** Plants it; the same seed gives the same packets. Every action is followed by a message over the chat connection. */
export const plantSession = (seed: number): PlantedSession => {
  const random = new Random(seed);
  const actions = plantActions(random.fork(1));
  const telephone = (which: number): PlantedClient =>
    new PlantedClient({ flows: [], dns: [] }, '10.64.0.7', '10.0.0.53', devices[0]!, random.fork(which));

  const messages = [
    ...actions.map(({ until, action }) => until + Math.round((action === 'send message' ? 0.4 : 4) * SECOND)),
    ...Array.from({ length: 40 }, () => beginsAt + Math.round(random.unit() * lastsUs)),
  ].sort((a, b) => a - b);
  const chats = chatNames.map((name, i) => {
    const from = beginsAt + i * chatLastsUs;
    return chat(
      telephone(100 + i),
      from,
      name,
      messages.filter((at) => at >= from + SECOND && at < from + chatLastsUs),
    );
  });
  const pages = Array.from({ length: 150 }, (_, i) => {
    const at = beginsAt + Math.round(random.unit() * lastsUs);
    return visit(telephone(200 + i), at, random.pick(sharedHosts), 'page');
  });
  const answers = actions.map((action, i) => answer(telephone(1000 + i), action));
  const sources = [...chats, ...pages, ...answers];
  return { actions, frames: play(sources) };
};

/** The file that the tester writes, by a clock that is `slowUs` behind that of the capture. */
export const toActionFile = (actions: readonly PlantedAction[], slowUs: number): string =>
  [
    'at,action,until',
    ...actions.map(({ at, until, action }) =>
      [at, action, until]
        .map((cell) => (typeof cell === 'number' ? new Date((cell - slowUs) / 1000).toISOString() : cell))
        .join(','),
    ),
    '',
  ].join('\n');
