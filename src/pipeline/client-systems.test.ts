import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { osSet } from '../enrich/os/os-set.ts';
import type { Handset } from '../enrich/os/tac-table.ts';
import { Interner } from '../kit/interner.ts';
import { DAY, HOUR, SECOND } from '../kit/time.ts';
import { type ClientKey, ClientSystems } from './client-systems.ts';

const CLIENT = 3;
const T = Date.UTC(2014, 1, 22) * 1000;

const syns = {
  android: '4:64:0:1460:65535,8:mss,sok,ts,nop,ws:df,id+:0',
  linuxKernel: '4:64:0:1460:mss*4,7:mss,sok,ts,nop,ws:df,id+:0',
  linux: '4:64:0:1460:mss*44,7:mss,sok,ts,nop,ws:df,id+:0',
  apple: '4:64:0:1460:65535,6:mss,nop,ws,nop,nop,ts,sok,eol+1:df:0',
  windows: '4:128:0:1460:mss*44,8:mss,nop,ws,nop,nop,sok:df,id+:0',
  scanner: '4:64:0:1460:1024,0:mss::0',
} as const;

const agents = {
  nexus: 'Dalvik/1.6.0 (Linux; U; Android 4.4.2; Nexus 5 Build/KOT49H)',
  galaxy: 'Dalvik/1.6.0 (Linux; U; Android 4.4.2; GT-I9505 Build/KOT49H)',
  galaxyInFull: 'Instagram 7.1.1 Android (19/4.4.2; 480dpi; 1080x1920; samsung; GT-I9505; jflte)',
  iphone: 'Mozilla/5.0 (iPhone; CPU iPhone OS 7_0_4 like Mac OS X) AppleWebKit/537.51.1',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.9; rv:30.0) Gecko/20100101 Firefox/30.0',
  desktopLinux: 'Mozilla/5.0 (X11; Linux x86_64; rv:30.0) Gecko/20100101 Firefox/30.0',
  curl: 'curl/7.43.0',
} as const;

interface Flow {
  readonly at: number;
  readonly closedAt?: number;
  readonly syn?: keyof typeof syns;
  readonly agent?: keyof typeof agents;
  readonly client?: ClientKey;
}

/** A client whose flows are played one after the other. */
const scene = (maxClients?: number) => {
  const interner = new Interner();
  const systems = new ClientSystems(interner, maxClients);
  let flows = 0;
  return {
    systems,
    /** `os source device` of the flow. */
    play: ({ at, closedAt = at + SECOND, syn, agent, client = CLIENT }: Flow): string => {
      const flow = flows++;
      const signature = syn === undefined ? 0 : interner.code(syns[syn]);
      if (signature !== 0) systems.sentSyn(client, signature, at);
      if (agent !== undefined) systems.sentAgent(flow, client, interner.code(agents[agent]), at);
      const { os, source, device } = systems.close(flow, client, signature, at, closedAt);
      return [os || "''", source || "''", device].join(' ').trim();
    },
  };
};

describe('a flow of its own evidence', () => {
  test.each<readonly [string, Omit<Flow, 'at'>, string]>([
    ['nothing observed', {}, "'' ''"],
    ['a SYN of one system', { syn: 'android' }, 'Android syn'],
    ['a SYN that two systems share', { syn: 'apple' }, 'iOS or macOS syn'],
    ['a SYN of no known form', { syn: 'scanner' }, 'unknown syn'],
    ['a User-Agent', { agent: 'nexus' }, 'Android user-agent Nexus 5'],
    ['a User-Agent that names no system', { agent: 'curl' }, 'unknown user-agent'],
    ['such a User-Agent beside a SYN', { agent: 'curl', syn: 'android' }, 'Android syn'],
    ['a User-Agent that narrows the SYN', { syn: 'apple', agent: 'iphone' }, 'iOS user-agent iPhone'],
    ['a User-Agent that contradicts the SYN', { syn: 'android', agent: 'desktopLinux' }, 'Linux user-agent'],
  ])('%s', (_, flow, expected) => {
    expect(scene().play({ at: T, ...flow })).toBe(expected);
  });
});

describe('other flows of the client', () => {
  test('take its system', () => {
    const { play } = scene();
    play({ at: T, syn: 'android' });
    expect(play({ at: T + SECOND })).toBe('Android syn');
    expect(play({ at: T + SECOND, client: 4 })).toBe("'' ''");
    play({ at: T + 2 * SECOND, agent: 'nexus' });
    expect(play({ at: T + 3 * SECOND })).toBe('Android user-agent Nexus 5');
    expect(play({ at: T + 4 * SECOND, syn: 'android' })).toBe('Android user-agent Nexus 5');
    expect(play({ at: T + 5 * SECOND, syn: 'scanner' })).toBe('Android user-agent Nexus 5');
  });

  test('evidence narrows what their own leaves open', () => {
    const { play } = scene();
    expect(play({ at: T, syn: 'apple' })).toBe('iOS or macOS syn');
    play({ at: T, agent: 'iphone' });
    expect(play({ at: T + SECOND, syn: 'apple' })).toBe('iOS user-agent iPhone');
  });

  test('it counts for a flow that is open when it comes, not for one that is closed', () => {
    const { play } = scene();
    expect(play({ at: T, closedAt: T })).toBe("'' ''");
    expect(play({ at: T + SECOND, syn: 'android' })).toBe('Android syn');
    expect(play({ at: T - HOUR, closedAt: T + 2 * SECOND })).toBe('Android syn');
  });

  test('for a day after it was last seen', () => {
    const { play } = scene();
    play({ at: T, syn: 'android' });
    expect(play({ at: T, closedAt: T + DAY })).toBe('Android syn');
    expect(play({ at: T, closedAt: T + DAY + 1 })).toBe("'' ''");
  });

  test('each kind of evidence ages by itself', () => {
    const { play } = scene();
    play({ at: T, syn: 'apple', agent: 'iphone' });
    play({ at: T + DAY, syn: 'apple' });
    expect(play({ at: T, closedAt: T + DAY })).toBe('iOS user-agent iPhone');
    expect(play({ at: T, closedAt: T + DAY + 1 })).toBe('iOS or macOS syn');
  });
});

describe('two systems behind one client', () => {
  test('a flow that shows which keeps to it, one that does not is unknown', () => {
    const { play } = scene();
    play({ at: T, syn: 'android', agent: 'nexus' });
    expect(play({ at: T + SECOND, syn: 'windows' })).toBe('Windows syn');
    expect(play({ at: T + 2 * SECOND })).toBe("unknown ''");
    expect(play({ at: T + 2 * SECOND, syn: 'android' })).toBe('Android user-agent Nexus 5');
    expect(play({ at: T + 2 * SECOND, syn: 'scanner' })).toBe("unknown ''");
  });

  test('propagation goes on when one of them was not seen for an hour', () => {
    const { play } = scene();
    play({ at: T, syn: 'windows' });
    play({ at: T + HOUR, syn: 'android' });
    expect(play({ at: T, closedAt: T + HOUR })).toBe("unknown ''");
    expect(play({ at: T, closedAt: T + HOUR + 1 })).toBe('Android syn');
    // After a longer silence of both, the one seen last.
    expect(play({ at: T, closedAt: T + 10 * HOUR })).toBe('Android syn');
  });

  test('a SYN that both send leaves both open', () => {
    const { play } = scene();
    play({ at: T, agent: 'iphone' });
    play({ at: T, agent: 'mac' });
    expect(play({ at: T + SECOND, syn: 'apple' })).toBe('iOS or macOS syn');
    // It is of one of the two, and makes no third.
    expect(play({ at: T + 2 * SECOND, agent: 'iphone' })).toBe('iOS user-agent iPhone');
  });

  test('a telephone that claims to be a computer does not become one', () => {
    const { play } = scene();
    play({ at: T, syn: 'android', agent: 'desktopLinux' });
    expect(play({ at: T + SECOND, syn: 'android' })).toBe('Android syn');
  });

  test('two devices of one system have no device in common', () => {
    const { play } = scene();
    play({ at: T, agent: 'nexus' });
    play({ at: T + SECOND, agent: 'galaxy' });
    expect(play({ at: T + 2 * SECOND })).toBe('Android user-agent');
    expect(play({ at: T + 3 * SECOND, agent: 'nexus' })).toBe('Android user-agent Nexus 5');
  });

  test('one device may name itself at more or less length', () => {
    const { play } = scene();
    play({ at: T, agent: 'galaxy' });
    play({ at: T, agent: 'galaxyInFull' });
    play({ at: T, agent: 'galaxy' });
    expect(play({ at: T + SECOND })).toBe('Android user-agent samsung GT-I9505');
  });
});

describe('the handset of a session', () => {
  const iphone5: Handset = { systems: osSet('iOS'), device: 'Apple iPhone 5' };
  const unknownNokia: Handset = { systems: osSet('Windows Phone', 'Symbian', 'Android'), device: 'Nokia X' };

  test('goes before all other evidence, and does not age', () => {
    const { systems, play } = scene();
    systems.carries(CLIENT, iphone5);
    expect(play({ at: T })).toBe('iOS tac Apple iPhone 5');
    expect(play({ at: T, syn: 'apple' })).toBe('iOS tac Apple iPhone 5');
    expect(play({ at: T, agent: 'iphone' })).toBe('iOS tac Apple iPhone 5');
    expect(play({ at: T + 30 * DAY })).toBe('iOS tac Apple iPhone 5');
  });

  test('is narrowed where its system is not certain', () => {
    const { systems, play } = scene();
    systems.carries(CLIENT, unknownNokia);
    expect(play({ at: T, syn: 'linuxKernel' })).toBe('Android tac Nokia X');
  });

  test('has a computer behind it: tethering', () => {
    const { systems, play } = scene();
    systems.carries(CLIENT, iphone5);
    expect(play({ at: T, syn: 'windows' })).toBe('Windows syn');
    expect(play({ at: T + SECOND })).toBe("unknown ''");
    expect(play({ at: T + SECOND, syn: 'apple' })).toBe('iOS tac Apple iPhone 5');
    expect(play({ at: T + 2 * HOUR })).toBe('iOS tac Apple iPhone 5');
  });

  test('another handset of the subscriber is not the one before', () => {
    const { systems, play } = scene();
    systems.carries('imsi:1', iphone5);
    play({ at: T, agent: 'iphone', client: 'imsi:1' });
    systems.carries('imsi:1', structuredClone(iphone5));
    expect(play({ at: T, client: 'imsi:1' })).toBe('iOS tac Apple iPhone 5');
    systems.carries('imsi:1', { systems: osSet('Android'), device: 'LG Nexus 5' });
    expect(play({ at: T, client: 'imsi:1' })).toBe('Android tac LG Nexus 5');
  });
});

describe('an address that passes to somebody else', () => {
  test('leaves nothing behind', () => {
    const { systems, play } = scene();
    play({ at: T, syn: 'windows' });
    systems.passed(CLIENT, T + HOUR);
    expect(play({ at: T + HOUR })).toBe("'' ''");
    play({ at: T + HOUR, syn: 'android' });
    systems.passed(CLIENT, T + HOUR);
    expect(play({ at: T + 2 * HOUR })).toBe('Android syn');
  });

  test('leaves nothing behind when clients are given up, either', () => {
    const { systems, play } = scene(2);
    // With the third client the first generation is over.
    for (const client of [CLIENT, 4, 5]) play({ at: T, syn: 'windows', client });
    systems.passed(CLIENT, T + HOUR);
    systems.markAddresses(new Uint8Array(6), T + HOUR);
    expect(play({ at: T + HOUR })).toBe("'' ''");
  });

  test('leaves a flow that began before with its own evidence alone', () => {
    const { systems, play } = scene();
    systems.passed(CLIENT, T);
    play({ at: T, syn: 'windows' });
    expect(play({ at: T - SECOND, closedAt: T + HOUR })).toBe("'' ''");
    expect(play({ at: T - SECOND, closedAt: T + HOUR, syn: 'android' })).toBe('Android syn');
  });
});

test('what was put aside is taken up again', () => {
  const first = scene();
  first.play({ at: T, syn: 'apple', agent: 'iphone' });
  const second = scene();
  second.systems.restore(structuredClone(first.systems.checkpoint()));
  expect(second.play({ at: T + SECOND })).toBe('iOS user-agent iPhone');
});

test('clients of which nothing is fresh give up their address', () => {
  const { systems, play } = scene();
  play({ at: T, syn: 'android', client: 1 });
  play({ at: T + DAY, syn: 'android', client: 2 });
  play({ at: T + DAY, syn: 'android', client: 'imsi:1' });
  const marks = new Uint8Array(3);
  systems.markAddresses(marks, T + DAY + 1);
  expect([...marks]).toEqual([0, 0, 1]);
});

test('clients are bounded: when a generation is full, those not seen since the one before are forgotten', () => {
  const { systems, play } = scene(10);
  for (let client = 0; client < 100; client++) {
    play({ at: T + client, syn: 'android', client });
    play({ at: T + client, syn: 'android', client: 0 });
    expect(systems.size).toBeLessThanOrEqual(20);
  }
  const systemOf = (client: number): string => play({ at: T + 100, client });
  expect([0, 1, 80, 95, 99].map(systemOf)).toEqual(['Android syn', "'' ''", "'' ''", 'Android syn', 'Android syn']);
});

test('whatever flows there were, a flow never has a system that its own evidence rules out', () => {
  const flow = fc.record({
    afterUs: fc.constantFrom(SECOND, HOUR, DAY / 2),
    syn: fc.constantFrom(...(Object.keys(syns) as (keyof typeof syns)[]), undefined),
    agent: fc.constantFrom(...(Object.keys(agents) as (keyof typeof agents)[]), undefined),
  });
  fc.assert(
    fc.property(fc.array(flow, { maxLength: 30 }), (flows) => {
      const { play } = scene();
      let at = T;
      for (const { afterUs, syn, agent } of flows) {
        at += afterUs;
        const told: Flow = { at, ...(syn && { syn }), ...(agent && { agent }) };
        const systemsOf = (words: string): string[] => words.split(/ (?:syn|user-agent|tac|'')/)[0]!.split(' or ');
        const alone = systemsOf(scene().play(told));
        const found = systemsOf(play(told));
        if (!alone.includes('unknown') && !alone.includes("''")) {
          expect(found.filter((system) => !alone.includes(system))).toEqual([]);
        }
      }
    }),
  );
});
