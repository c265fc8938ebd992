import { statSync } from "node:fs";
import { join } from "node:path";

import { createHome, type NodeProcess, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, type SearchRow } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { bootstrapTo, install, publish, startAmong, untilEqual, versionsOf } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const maxBytes = 2_000_000;
const config = "[network]\nmdns = false\n\n[catalog]\nmax_mb = 2\n";
/** Each has three operations, about 5 kB in a catalogue. */
const floodPublishers = 480;

const early = "io.example.early";
const friendly = "io.example.friendly";
const late = "io.example.late";

const found = async (home: string, text: string): Promise<readonly string[]> => {
  const { results } = await answerOf<{ results: SearchRow[] }>(home, ["marketplace", "search", text]);
  return results.map((row) => row.package.id);
};

/** Starts a flood, and waits until all of it was brought. */
async function flood(host: string, victim: NodeProcess): Promise<void> {
  const flooder = startHostile("flooder.ts", [host, victim.addresses[0] ?? "", String(floodPublishers)]);
  await flooder.event("ready");
  // Two nodes take in a flood at the same time, on whatever cores there are.
  await vi.waitUntil(() => flooder.events.some(({ event }) => event === "pushed"), { timeout: 90_000, interval: 50 });
  const pushed = await flooder.event("pushed");
  expect(pushed).toMatchObject({ operations: 3 * floodPublishers, rejected: 0 });
  // More than there is room for.
  expect(pushed["deferred"]).toBeGreaterThan(0);
  await flooder.stop();
}

/** A node that meets only this one, and publishes something as somebody whom nobody knows. */
async function newcomerAt(node: NodeProcess, id: string): Promise<void> {
  const newcomer = await startNode({ home: createHome(), args: bootstrapTo(node) });
  await publish(newcomer.home, id, "1.0.0", "honest, too");
}

it("spam: a flood of fresh keys leaves who was there, who is trusted, and what other peers bring", async () => {
  const owner = await startNode({ home: createHome() });
  const friend = await startAmong(owner);
  const { publisher } = await publish(friend.home, friendly, "1.0.0", "a friend's");
  await publish(owner.home, early, "1.0.0", "honest");
  const [weak, strong] = await Promise.all([
    startWeakened("strangers-stay", bootstrapTo(owner, friend), createHome({ config })),
    startNode({ home: createHome({ config }), args: bootstrapTo(owner, friend) }),
  ]);
  await untilEqual(owner, friend, weak, strong);
  for (const { home } of [weak, strong]) await answerOf(home, ["publisher", "trust", publisher]);
  // Else the flood would come over them, too.
  await owner.stop();
  await friend.stop();
  await Promise.all([flood("127.0.12.1", weak), flood("127.0.12.2", strong)]);

  await Promise.all([newcomerAt(weak, "io.example.late-at-weak"), newcomerAt(strong, late)]);
  await vi.waitFor(async () => expect(await found(strong.home, "late")).toContain(late), { timeout: 30_000 });
  // It brings each the flood of the other, and what its publisher made.
  const back = await startNode({ home: friend.home, args: bootstrapTo(weak, strong) });
  await publish(back.home, friendly, "1.1.0", "a friend's, with the hole closed");
  const versions = (): Promise<readonly string[]> => versionsOf(strong.home, friendly);
  await vi.waitFor(async () => expect(await versions()).toContain("1.1.0"), { timeout: 30_000 });

  // The harm: nobody new is let in any more.
  expect(await found(weak.home, "late")).toEqual([]);

  expect(await install(strong.home, late)).toEqual({ version: "1.0.0", says: "honest, too" });
  expect(await install(strong.home, friendly)).toMatchObject({ version: "1.1.0" });
  expect(await found(strong.home, "early")).toContain(early);
  const owning = await startNode({ home: owner.home, args: bootstrapTo(strong) });
  expect(await install(strong.home, early)).toEqual({ version: "1.0.0", says: "honest" });
  await owning.stop();
  const { evictions } = await answerOf<{ evictions?: { publishers: number } }>(strong.home, [
    "marketplace",
    "p2p",
    "status",
  ]);
  expect(evictions?.publishers).toBeGreaterThan(0);
  await strong.stop();
  expect(statSync(join(strong.home, "catalog.db")).size).toBeLessThan(maxBytes);
}, 240_000);
