/** Runs tasks one after the other, in the order in which they were given. */
export type SerialQueue = <T>(task: () => Promise<T>) => Promise<T>;

/** A queue of its own. */
export function createQueue(): SerialQueue {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task, task);
    last = result;
    return result;
  };
}
