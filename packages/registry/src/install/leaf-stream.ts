/** Leaves that are pushed in, as an iterable for one reader. */
export interface LeafStream extends AsyncIterable<Uint8Array> {
  push(leaf: Uint8Array): void;
  /** No more will come. @param error - why, when it is not because all have */
  end(error?: Error): void;
}

/**
 * An empty stream. Holds what its reader has not taken; a reader that ends early makes it hold nothing from then on.
 */
export function createLeafStream(): LeafStream {
  let leaves: Uint8Array[] = [];
  let ended = false;
  let left = false;
  let failure: Error | undefined;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    const woken = wake;
    wake = undefined;
    woken?.();
  };
  return {
    push(leaf) {
      if (left || ended) return;
      leaves.push(leaf);
      notify();
    },
    end(error) {
      if (ended) return;
      ended = true;
      failure = error;
      notify();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const leaf = leaves.shift();
          if (leaf !== undefined) yield leaf;
          else if (failure !== undefined) throw failure;
          else if (ended) return;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        left = true;
        leaves = [];
      }
    },
  };
}
