import { createHome, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, statusOf } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { bootstrapTo, install, publish, startAmong, untilEqual, versionsOf } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.replayed";

it("rollback: everything that was ever signed, sent again in any order, changes nothing", async () => {
  const owner = await startNode({ home: createHome() });
  await publish(owner.home, id, "1.0.0", "old");
  await publish(owner.home, id, "1.1.0", "bad");
  await answerOf(owner.home, ["marketplace", "yank", `${id}@1.1.0`, "--reason", "bad"]);
  await publish(owner.home, id, "1.2.0", "new");
  const [weak, strong] = await Promise.all([startWeakened("last-record-wins", bootstrapTo(owner)), startAmong(owner)]);
  await untilEqual(owner, strong);
  await vi.waitUntil(async () => (await versionsOf(weak.home, id)).includes("1.2.0"), { timeout: 30_000 });

  const dial = [weak, strong].map(({ addresses }) => addresses[0] ?? "");
  const replayer = startHostile("replayer.ts", ["127.0.6.1", ...dial]);
  await replayer.event("ready");
  const { catalogFingerprint } = await statusOf(strong.home);
  replayer.tell("replay");
  expect((await replayer.event("replayed"))["pushed"]).toBeGreaterThan(20);

  // The harm: the newest release is gone, for its record was not the last to come.
  expect(await install(weak.home, id)).toEqual({ version: "1.0.0", says: "old" });

  const unchanged = async (home: string): Promise<void> => {
    expect((await statusOf(home)).catalogFingerprint).toBe(catalogFingerprint);
    expect(await install(home, id)).toEqual({ version: "1.2.0", says: "new" });
  };
  await unchanged(strong.home);
  await strong.stop();
  const again = await startNode({ home: strong.home, args: bootstrapTo(owner) });
  const { addresses } = (await replayer.event("ready")) as { readonly addresses?: readonly string[] };
  await answerOf(again.home, ["marketplace", "p2p", "bootstrap", addresses?.[0] ?? ""]);
  await untilEqual(owner, again);
  await unchanged(again.home);
});
