import { setTimeout as delay } from "node:timers/promises";

const intervalMs = 2;

/**
 * Asks until the answer is yes, every 2 ms: what is measured this way is late by so much at most.
 *
 * @param what For the error.
 * @throws Error when it is not true within `timeoutMs`
 */
export async function pollUntil(what: string, ask: () => Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const since = performance.now();
  while (!(await ask())) {
    if (performance.now() - since > timeoutMs) throw new Error(`Not after ${timeoutMs} ms: ${what}`);
    await delay(intervalMs);
  }
}
