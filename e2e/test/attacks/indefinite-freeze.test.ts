import { createHome, ggen, type NodeProcess, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, statusOf } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { commandsIn, install, publish, runPrinted, versionsOf } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.fresh";

interface Diagnosis {
  readonly findings: readonly { readonly subject: string; readonly detail: string; readonly hint?: string }[];
}
const newsOf = async ({ home }: NodeProcess): Promise<Diagnosis["findings"][number] | undefined> => {
  const { findings } = await answerOf<Diagnosis>(home, ["doctor"]);
  return findings.find(({ subject }) => subject === "news");
};

it("indefinite freeze: one honest peer among others is enough for news, and a node with one peer says so", async () => {
  const owner = await startNode({ home: createHome() });
  await publish(owner.home, id, "1.0.0", "old");
  const freezer = startHostile("withholder.ts", ["127.0.9.1", "freeze", owner.addresses[0] ?? ""]);
  const { addresses } = (await freezer.event("ready")) as { readonly addresses?: readonly string[] };
  // Else it would find the others by itself.
  await owner.stop();
  freezer.tell("freeze");
  await freezer.event("frozen");
  await publish(owner.home, id, "1.1.0", "with the hole closed");

  const met = ["--bootstrap", addresses?.[0] ?? ""];
  const until = async (node: NodeProcess, versions: readonly string[]): Promise<void> =>
    vi.waitFor(async () => expect(await versionsOf(node.home, id)).toEqual(versions), { timeout: 30_000 });

  // The harm, though an honest peer is connected too: the first peer decides for ever.
  const weak = await startWeakened("first-peer-only", met);
  await until(weak, ["1.0.0"]);
  const honest = await startNode({ home: owner.home });
  await answerOf(weak.home, ["marketplace", "p2p", "bootstrap", honest.addresses[0] ?? ""]);
  await vi.waitUntil(async () => (await statusOf(weak.home)).sync.comparedPeers > 1, { timeout: 30_000 });
  expect(await versionsOf(weak.home, id)).toEqual(["1.0.0"]);
  expect(await install(weak.home, id)).toEqual({ version: "1.0.0", says: "old" });
  await weak.stop();
  await honest.stop();

  // Nobody can see from old records that there are newer ones; that only one peer was asked can be seen.
  const strong = await startNode({ home: createHome(), args: met });
  await until(strong, ["1.0.0"]);
  await vi.waitUntil(async () => (await newsOf(strong)) !== undefined, { timeout: 30_000 });
  const news = await newsOf(strong);
  expect(news?.detail).toMatch(/^compared with 1 peer only/);
  const [command = ""] = commandsIn(news?.hint ?? "");
  expect(command).toBe("ggen marketplace p2p bootstrap MULTIADDR");

  const back = await startNode({ home: owner.home });
  const MULTIADDR = back.addresses[0] ?? "";
  expect(await runPrinted(strong.home, command, { MULTIADDR })).toMatchObject({ code: 0 });
  await until(strong, ["1.0.0", "1.1.0"]);
  expect(await install(strong.home, id)).toEqual({ version: "1.1.0", says: "with the hole closed" });
  await vi.waitUntil(async () => (await newsOf(strong)) === undefined, { timeout: 30_000 });
  const { stdout } = await ggen(strong.home, ["marketplace", "p2p", "status"]);
  expect(stdout).toMatch(/synced, compared with \d+ peers, the last \d+s ago/);
});
