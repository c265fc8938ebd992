import { setTimeout as delay } from "node:timers/promises";

/**
 * Asks until the answer is yes. What is measured this way is late by an interval at most.
 *
 * @param what For the error.
 * @param intervalMs Longer when many are asked, so that the asking is not what is measured.
 * @throws Error when it is not true within `timeoutMs`
 */
export async function pollUntil(
  what: string,
  ask: () => Promise<boolean>,
  { timeoutMs = 60_000, intervalMs = 2 }: { readonly timeoutMs?: number; readonly intervalMs?: number } = {},
): Promise<void> {
  const since = performance.now();
  while (!(await ask())) {
    if (performance.now() - since > timeoutMs) throw new Error(`Not after ${timeoutMs} ms: ${what}`);
    await delay(intervalMs);
  }
}
