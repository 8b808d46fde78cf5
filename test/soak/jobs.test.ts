/** Rolling equals full recompute, many times: each step is a seed of its own. */
import { expect, test } from 'vitest';
import { playRounds } from '../job-rounds.ts';
import { temporaryStore } from '../store-fixture.ts';
import { load, report, save, tell } from './state.ts';

const STEPS = 100;
const first = Number(process.env.SONDE_SEED ?? 20140222);
const only = process.env.SONDE_SOAK_STEP;

interface State {
  readonly done: number;
}

test(`random jobs, ${STEPS} seeds from ${first} on`, async () => {
  const steps = only === undefined ? STEPS : Number(only) + 1;
  let step = only === undefined ? (load<State>('jobs')?.done ?? 0) : Number(only);
  for (; step < steps; step++) {
    await playRounds(await temporaryStore({ memoryMb: 256, threads: 1 }), first + step, 8);
    if (only === undefined) save('jobs', { done: step + 1 });
    if (step % 10 === 9) tell(`jobs: ${step + 1} of ${STEPS} seeds`);
  }
  expect(step).toBe(steps);
  if (only === undefined)
    report(
      `Jobs: ${STEPS} sets of random jobs from seed ${first} on, 8 rounds each, equal a full recompute after each.`,
    );
});
