import { createHome, type NodeProcess, startNode } from "@ggen/testkit";
import { beforeAll, expect, it, vi } from "vitest";

import { answerOf, statusOf, untilCatalogueIs } from "./support/catalogue.ts";
import { type HostilePeer, startHostile } from "./support/hostile.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";

const id = "io.example.genuine";
let honest: NodeProcess;
let victim: NodeProcess;
let forger: HostilePeer;
let forgerId: string;
let before: unknown;

/** Everything that a user of a node can see of the catalogue. */
async function visible(home: string): Promise<unknown> {
  const { catalogFingerprint, packages } = await statusOf(home);
  const { results } = await answerOf<{ results: { package: unknown; claimants: unknown }[] }>(home, [
    "marketplace",
    "search",
    "",
  ]);
  const info = await answerOf<{ versions: unknown; claimants: unknown }>(home, ["marketplace", "info", id]);
  return {
    catalogFingerprint,
    packages,
    found: results.map((row) => ({ package: row.package, claimants: row.claimants })),
    versions: info.versions,
    claimants: info.claimants,
    publishers: await answerOf(home, ["publisher", "list"]),
  };
}

async function evidence(): Promise<{ readonly lies: number }> {
  const info = await answerOf<{ reputation: { evidence: { lies: number } } }>(victim.home, [
    "marketplace",
    "p2p",
    "peer-info",
    forgerId,
    "--full",
  ]);
  return info.reputation.evidence;
}

beforeAll(async () => {
  honest = await startNode({ home: createHome() });
  for (const version of ["1.0.0", "1.1.0"]) {
    await answerOf(honest.home, ["marketplace", "publish", writePackage(emptyFolder(), id, { version })]);
  }
  victim = await startNode({ home: createHome(), args: ["--bootstrap", honest.addresses[0] ?? ""] });
  await untilCatalogueIs(victim.home, (await statusOf(honest.home)).catalogFingerprint);
  forger = startHostile("forger.ts", [victim.addresses[0] ?? "", id]);
  forgerId = (await forger.event("introduced"))["peerId"] as string;
  // The forger's own publisher is rightly made and spreads like any other.
  await vi.waitUntil(
    async () => (await statusOf(honest.home)).catalogFingerprint === (await statusOf(victim.home)).catalogFingerprint,
    {
      timeout: 30_000,
    },
  );
  before = await visible(victim.home);
  forger.tell("forge");
});

it("forged by one bit or signed by another key, gossiped: nothing of it is seen", async () => {
  const { recipients } = await forger.event("gossiped");
  expect(recipients).toBeGreaterThan(0);
  await vi.waitUntil(async () => (await evidence()).lies > 0, { timeout: 30_000 });
  expect(await visible(victim.home)).toEqual(before);
});

it("pushed: every forgery is refused or set aside, nothing of it is seen", async () => {
  const { forgeries } = (await forger.event("gossiped")) as { forgeries: number };
  const put = (await forger.event("pushed")) as unknown as Record<
    "accepted" | "known" | "deferred" | "rejected",
    number
  >;
  // Rightly signed by keys that were never granted: one who may still be granted waits, out of sight; the rest is dropped.
  expect(put.rejected).toBe(forgeries - 4);
  expect(put.accepted + put.known + put.deferred).toBe(4);
  expect(await visible(victim.home)).toEqual(before);
});

it("offered in a reconciliation that the forger begins: nothing of it is seen", async () => {
  await forger.event("reconciled");
  expect(await visible(victim.home)).toEqual(before);
});

it("offered in a reconciliation that the victim begins: nothing of it is seen", async () => {
  await forger.event("reconciled");
  const { lies } = await evidence();
  const newcomer = await startNode({ home: createHome(), args: ["--bootstrap", victim.addresses[0] ?? ""] });
  await untilCatalogueIs(newcomer.home, (await statusOf(victim.home)).catalogFingerprint);
  const known = await visible(newcomer.home);
  const { addresses } = (await forger.event("introduced")) as { addresses: string[] };
  await answerOf(newcomer.home, ["marketplace", "p2p", "bootstrap", addresses[0] ?? ""]);
  await vi.waitUntil(
    async () => {
      const info = await answerOf<{ reputation: { evidence: { lies: number } } }>(newcomer.home, [
        "marketplace",
        "p2p",
        "peer-info",
        forgerId,
        "--full",
      ]);
      return info.reputation.evidence.lies > 0;
    },
    { timeout: 30_000 },
  );
  expect(lies).toBeGreaterThan(0);
  expect(await visible(newcomer.home)).toEqual(known);
  expect(await visible(victim.home)).toEqual(before);
});
