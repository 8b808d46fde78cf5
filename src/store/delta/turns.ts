/** One at a time: asynchronous work on one thing, done in the order in which it was asked for. */

/** Runs each task after the ones given before it, whether those failed or not. */
export class Turns {
  #last: Promise<unknown> = Promise.resolve();

  take<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
