/** SIGINT and SIGTERM as a request to end well; the second one ends the process as it would have without. */

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
