import type { Catalog } from "@ggen/p2p-catalog";
import type { PackageUpdate } from "@ggen/p2p-types";

/** Updates that a slow subscriber may lag behind; older ones are dropped first. */
const maxLag = 10_000;

/**
 * The catalogue's updates from this call on, until the loop over them ends or the signal fires.
 * @param signal - ends the iteration without an error
 */
export function updatesOf(catalog: Pick<Catalog, "subscribe">, signal?: AbortSignal): AsyncIterable<PackageUpdate> {
  const queue: PackageUpdate[] = [];
  let wake: (() => void) | undefined;
  const stop = catalog.subscribe((update) => {
    queue.push(update);
    if (queue.length > maxLag) queue.shift();
    wake?.();
  });
  const end = (): void => {
    stop();
    wake?.();
  };
  signal?.addEventListener("abort", end, { once: true });
  return (async function* () {
    try {
      while (signal?.aborted !== true) {
        const update = queue.shift();
        if (update !== undefined) {
          yield update;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    } finally {
      stop();
      signal?.removeEventListener("abort", end);
    }
  })();
}
