/** Runs asynchronous sections one after another, in the order asked. */
export interface Mutex {
  /** Resolves or rejects as the section does; a failed section does not stop the next. */
  run<T>(section: () => Promise<T>): Promise<T>;
}

/** A free {@link Mutex}. */
export function createMutex(): Mutex {
  let tail: Promise<unknown> = Promise.resolve();
  return {
    run(section) {
      const result = tail.then(section);
      tail = result.catch(() => {});
      return result;
    },
  };
}
