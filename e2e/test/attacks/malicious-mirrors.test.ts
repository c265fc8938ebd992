import { createHome, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, refusalOf } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { emptyFolder } from "../support/places.ts";
import { bootstrapTo, install, publish, startAmong, untilEqual } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.mirrored";
/** More than a download asks at once. */
const mirrors = 9;

interface Remembered {
  readonly reputation: { readonly evidence: { readonly lies: number; readonly bytes: number } };
}

it("malicious mirrors: nine that lie do not keep an update away that one honest peer holds", async () => {
  const owner = await startNode({ home: createHome() });
  const release = await publish(owner.home, id, "1.0.0", "honest");
  const [weak, strong] = await Promise.all([
    startWeakened("one-bad-mirror-is-enough", bootstrapTo(owner)),
    startAmong(owner),
  ]);
  await untilEqual(owner, weak, strong);

  const victims = [weak, strong].map(({ addresses }) => addresses[0] ?? "");
  const liars = startHostile("mirrors.ts", [`${mirrors}`, release.cid, `${release.size}`, "-", ...victims]);
  const { peerIds } = (await liars.event("ready")) as { readonly peerIds?: readonly string[] };

  // The harm: one lie is enough to keep the update away. The owner answers nobody, so that the liars are asked.
  process.kill(owner.pid, "SIGSTOP");
  const refusal = await refusalOf(weak.home, ["marketplace", "install", id, "--target", emptyFolder()]);
  expect(refusal).toMatchObject({ code: "content.mismatch" });

  // Nobody else asks the liars from here on.
  await weak.stop();
  const before = liars.events.length;
  const installing = install(strong.home, id);
  await vi.waitUntil(() => liars.events.length >= before + 3, { timeout: 30_000 });
  process.kill(owner.pid, "SIGCONT");
  expect(await installing).toEqual({ version: "1.0.0", says: "honest" });

  const asked = new Set(
    liars.events.slice(before, before + 3).map(({ mirror }) => peerIds?.[Number(mirror) - 1] ?? ""),
  );
  const evidence = await Promise.all(
    [...asked].map(async (peerId) => {
      const line = ["marketplace", "p2p", "peer-info", peerId, "--full"];
      return (await answerOf<Remembered>(strong.home, line)).reputation.evidence;
    }),
  );
  expect(evidence.some(({ lies }) => lies > 0)).toBe(true);
  expect(evidence.every(({ bytes }) => bytes === 0)).toBe(true);
});
