import { describe, expect, test } from 'vitest';
import { Random } from '../../kit/random.ts';
import { MINUTE, SECOND } from '../../kit/time.ts';
import { type Action, parseActions } from './action.ts';
import { examineLab } from './examine-lab.ts';
import { intersect, lengthOf, unite } from './spans.ts';

const parse = (text: string): readonly Action[] => parseActions('actions.csv', text);

describe('the file of actions', () => {
  test('is CSV with columns in any order, or NDJSON, and comes out in the order of time', () => {
    const csv = 'action,at,until\nrecord audio,2014-02-18T10:00:10Z,2014-02-18T10:00:15Z\nsend photo,1392717600,\n';
    const ndjson =
      '{"at":"1392717600","action":"send photo"}\n{"at":"2014-02-18 10:00:10Z","action":"record audio","until":1392717615}\n';
    const first = Date.UTC(2014, 1, 18, 10) * 1000;
    const expected = [
      { at: first, until: first, action: 'send photo', class: 'image' },
      { at: first + 10 * SECOND, until: first + 15 * SECOND, action: 'record audio', class: 'audio' },
    ];
    expect(parse(csv)).toEqual(expected);
    expect(parse(ndjson)).toEqual(expected);
  });

  test('may tell the class itself; else its words do', () => {
    const classes = parse('at,action,class\n1,send photo,picture\n2,send voice message,\n3,shake it,\n');
    expect(classes.map((action) => action.class)).toEqual(['picture', 'chat', 'shake-it']);
  });

  test.each([
    ['at,what\n1,send photo\n', 'header'],
    ['at,action\n', '0 actions'],
    ['at,action\n1,\n', 'names no action'],
    ['at,action\nnoon,send photo\n', "'noon' is no time"],
    ['at,action,until\n2,send photo,1\n', 'ends before it begins'],
    ['at,action,class\n2,send photo,A B\n', 'is no class'],
    ['{"at":1\n', 'cannot be read'],
  ])('%j cannot be used: %s', (text, message) => {
    expect(() => parse(text)).toThrow(message);
  });
});

test('spans unite where they touch, and meet where both are', () => {
  const united = unite([
    [0, 2],
    [1, 3],
    [3, 4],
    [6, 9],
  ]);
  expect(united).toEqual([
    [0, 4],
    [6, 9],
  ]);
  expect(intersect(united, [[2, 7]])).toEqual([
    [2, 4],
    [6, 7],
  ]);
  expect(lengthOf(united)).toBe(7);
});

describe('a session without a connection between actions and transfers', () => {
  test.each([1, 2, 3, 4, 5, 6, 7, 8])('claims nothing, seed %i', (seed) => {
    const random = new Random(seed);
    const someTime = (): number => Math.floor(random.unit() * 60 * MINUTE);
    const actions = Array.from({ length: 60 }, (_, i) => {
      const at = someTime();
      return { at, until: at, action: ['send photo', 'call'][i % 2]!, class: 'any' };
    }).sort((a, b) => a.at - b.at);
    const rows = Array.from({ length: 600 }, () => ({
      name: `${random.pick(['a', 'b', 'c'])}.service.example`,
      transport: 'tcp',
      port: 443,
      began_us: someTime(),
      up: 1000,
      down: 1000,
    })).sort((a, b) => a.began_us - b.began_us);
    const { assignments } = examineLab(actions, rows, {
      windowUs: 10 * SECOND,
      mostOffsetUs: 60 * SECOND,
      least: 2,
    });
    expect(assignments).toEqual([]);
  });
});
