/** Work that was given up and goes on all the same, in threads that nothing can stop: it ends by itself, or with the process. */

const works = new Set<Promise<unknown>>();

/** @param work must not reject */
export const giveUpWork = (work: Promise<unknown>): void => {
  works.add(work);
  void work.then(() => works.delete(work));
};

/** Does this go on? */
export const isGivenUp = (work: Promise<unknown>): boolean => works.has(work);

/** Does any? Then a process that is to end must be killed, for it would wait. */
export const hasGivenUpWork = (): boolean => works.size > 0;
