// One after the other: a start never overtakes a stop. Knows nothing of VS Code.

/** Tasks that are run in the order in which they were given. */
export class Queue {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `task` when all before it have ended, well or badly. */
  add<T>(task: () => Promise<T>): Promise<T> {
    const result = this.last.then(task);
    this.last = result.catch(() => undefined);
    return result;
  }
}
