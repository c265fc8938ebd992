import { once } from "node:events";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { timeMs } from "../measure/time.ts";

/** How long checking the signatures of some envelopes takes on all cores when nothing else is done with them. */
export async function verifyOnlyMs(envelopes: readonly Uint8Array[]): Promise<number> {
  const threads = availableParallelism();
  const share = Math.ceil(envelopes.length / threads);
  const workers = Array.from(
    { length: threads },
    (_, place) =>
      new Worker(new URL("./verify-thread.ts", import.meta.url), {
        workerData: envelopes.slice(place * share, (place + 1) * share),
      }),
  );
  await Promise.all(workers.map((worker) => once(worker, "message")));
  return timeMs(async () => {
    const answers = workers.map((worker) => once(worker, "message"));
    for (const worker of workers) worker.postMessage("go");
    for (const [{ valid }] of (await Promise.all(answers)) as [{ valid: boolean }][]) {
      if (!valid) throw new Error("a signature of the benchmark is not valid");
    }
  });
}
