import type { Clock } from "@ggen/p2p-types";
import { expect, it, vi } from "vitest";

import { NewsSpreader, quietMs, restMs } from "../../src/sync/news-spreader.ts";
import { connect, startNode, TestPublisher } from "../support/node.ts";

it("what two halves missed of each other reaches those who did not meet the other half", async () => {
  const [a, a2, b, b2] = await Promise.all([startNode(), startNode(), startNode(), startNode()]);
  await connect(a2, a);
  await connect(b2, b);
  // More than are announced one by one.
  for (const [node, other, seed] of [
    [a, a2, 11],
    [b, b2, 12],
  ] as const) {
    const publisher = new TestPublisher(seed);
    const operations = [publisher.genesis, ...Array.from({ length: 20 }, () => publisher.next())];
    await node.operations.accept(operations, { via: "local" });
    // The session of their connection may still be open: it saw nothing of this.
    await vi.waitFor(
      async () => {
        await other.behaviour.syncWith(node.behaviour.peerId);
        expect(other.operations.held.size).toBe(21);
      },
      { timeout: 20_000 },
    );
  }
  const all = Promise.all([a2, b2].map(({ operations }) => operations.holds(42)));
  await connect(a, b);
  await all;
  expect(new Set([a, a2, b, b2].map(({ operations }) => operations.fingerprint())).size).toBe(1);
}, 30_000);

/** A clock whose sleepers wake when it is told to. */
function handClock(): { readonly clock: Clock; readonly pass: (ms: number) => Promise<void> } {
  let nowMs = 0;
  const sleepers = new Set<{ atMs: number; wake: () => void }>();
  return {
    clock: {
      now: () => nowMs,
      monotonic: () => nowMs,
      every: () => () => {},
      sleep: (ms, signal) =>
        new Promise((resolve, reject) => {
          const sleeper = { atMs: nowMs + ms, wake: resolve };
          sleepers.add(sleeper);
          signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
        }),
    },
    async pass(ms) {
      nowMs += ms;
      for (const sleeper of sleepers) {
        if (sleeper.atMs > nowMs) continue;
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      // Whoever was woken goes on until it sleeps again.
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    },
  };
}

it("waits until nothing more comes in, tells everyone once, and rests before it does so again", async () => {
  const { clock, pass } = handClock();
  const sync = vi.fn<(peerId: string) => Promise<unknown>>(() => Promise.reject(new Error("gone")));
  const peers = Array.from({ length: 9 }, (_, place) => `peer ${place}`);
  const spreader = new NewsSpreader({ clock, speakers: () => peers, sync });
  spreader.note();
  await pass(quietMs / 2);
  spreader.note();
  await pass(quietMs / 2);
  expect(sync).not.toHaveBeenCalled();
  await pass(quietMs / 2);
  expect(sync.mock.calls.flat()).toEqual(peers);

  spreader.note();
  await pass(restMs - 1);
  expect(sync).toHaveBeenCalledTimes(9);
  await pass(1);
  await pass(quietMs);
  expect(sync).toHaveBeenCalledTimes(18);
  await pass(restMs);
  await pass(quietMs * 10);
  expect(sync).toHaveBeenCalledTimes(18);
  spreader.note();
  await spreader.stop();
  spreader.note();
  await pass(restMs * 10);
  expect(sync).toHaveBeenCalledTimes(18);
});
