/** SIGINT and SIGTERM as a request to end well; the second one ends the process as it would have without. */
import { SondeError } from '../kit/errors.ts';

/** @returns what takes it back */
export const onStopSignal = (stop: () => void): (() => void) => {
  const handle = (): void => {
    forget();
    stop();
  };
  const forget = (): void => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return forget;
};

/** Does work that ends early, with an error that says so, when the process is told to stop. */
export const untilStopped = async <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
  const controller = new AbortController();
  const stopped = (): SondeError =>
    new SondeError(
      'SONDE_OUTPUT_UNWRITABLE',
      'told to stop before the end was written',
      {},
      'run it again; a file given by -o is as it was',
    );
  const forget = onStopSignal(() => controller.abort(stopped()));
  try {
    return await work(controller.signal);
  } finally {
    forget();
  }
};
