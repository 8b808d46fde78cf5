/** Ends the process when one step of a test hangs: a loop without end cannot be interrupted from within, and its seed must be known. */
import { Worker } from 'node:worker_threads';

// Plain text, since it runs beside the transformed modules.
const code = `
  const { workerData } = require('node:worker_threads');
  const { writeSync } = require('node:fs');
  const steps = new Int32Array(workerData.shared);
  let step = -1;
  let seconds = 0;
  setInterval(() => {
    if (steps[0] !== step) { step = steps[0]; seconds = 0; return; }
    if (++seconds < workerData.limitS) return;
    writeSync(2, workerData.name + ' hangs in step ' + step + '\\n');
    process.kill(process.pid, 'SIGKILL');
  }, 1000);
`;

/** @returns step: to be called with the number of each step, before it; stop: at the end */
export const watch = (name: string, limitS: number) => {
  const shared = new SharedArrayBuffer(4);
  const steps = new Int32Array(shared);
  const worker = new Worker(code, { eval: true, workerData: { shared, limitS, name } });
  return {
    step: (step: number): void => {
      steps[0] = step;
    },
    stop: (): Promise<number> => worker.terminate(),
  };
};
