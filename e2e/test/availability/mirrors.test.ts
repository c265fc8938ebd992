import { join } from "node:path";

import { connectControl, controlSocketPath } from "@ggen/p2p-control";
import type { NodeApi, NodeStatus, PublishResult } from "@ggen/p2p-types";
import { createHome, homeEnvironment, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { expect, it } from "vitest";

import { answerOf, untilCatalogueIs } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { inParallel } from "../support/in-parallel.ts";
import { expectedTree } from "../support/package-tree.ts";
import { writePackage } from "../support/packages.ts";
import { emptyFolder } from "../support/places.ts";
import { seededBytes } from "../support/random-files.ts";

const until = { timeout: 60_000, interval: 200 } as const;
/** Commands side by side: as many as two cores can use. */
const atOnce = 3;

/** Starts a node on an address of its own, so that it counts as another network, and dials others. */
function start(group: number, mirror: string, others: readonly NodeProcess[] = []): Promise<NodeProcess> {
  const config = `[network]\nmdns = false\n[install]\ncooldown_hours = 0\n[mirror]\ndelay_secs = 1\ncheck_secs = 2\n${mirror}\n`;
  const bootstrap = others.map(({ addresses }) => addresses[0] ?? "").join(",");
  return startNode({
    home: createHome({ config }),
    args: [`--listen=/ip4/127.0.${group}.1/tcp/0`, ...(bootstrap === "" ? [] : ["--bootstrap", bootstrap])],
  });
}
/** Over the control socket: what a command answers, without the time that its start takes. */
const apiOf = ({ home }: NodeProcess): Promise<NodeApi> =>
  connectControl(controlSocketPath(home, homeEnvironment(home)));
const available = async (node: NodeProcess): Promise<NodeStatus> => (await apiOf(node)).status();
const publish = async (node: NodeProcess, path: string, replicas?: number): Promise<PublishResult> =>
  (await apiOf(node)).publish({ path, ...(replicas === undefined ? {} : { replicas }) });

it("the publisher offline for good and half of the mirrors killed: every package still installs", async () => {
  const first = await start(1, 'mode = "all"');
  const rest = await Promise.all([2, 3, 4, 5, 6].map((group) => start(group, 'mode = "all"', [first])));
  const mirrors = [first, ...rest];
  const publisher = await start(10, 'mode = "none"', mirrors);
  const folders = Array.from({ length: 10 }, (_, at) => {
    const bytes = at === 0 ? 1_300_000 : 500 * at;
    return writePackage(emptyFolder(), `io.example.kept-${at}`, {
      files: { "data.txt": seededBytes(`kept ${at}`, bytes).toString("hex") },
    });
  });
  const published: PublishResult[] = [];
  for (const [at, folder] of folders.entries()) {
    published.push(await publish(publisher, folder, at === 9 ? 3 : undefined));
  }

  // The last one was asked for: three or more, each of another network, have proved that they hold it.
  const [last] = published.slice(-1);
  expect(last?.heldBy.length).toBeGreaterThanOrEqual(3);
  expect(mirrors.map(({ peerId }) => peerId)).toEqual(expect.arrayContaining([...(last?.heldBy ?? [])]));
  expect(last?.warnings).toEqual([]);
  expect((await available(publisher)).replicas).toMatchObject([{ id: last?.id, wanted: 3 }]);
  await expect
    .poll(async () => (await inParallel(mirrors, atOnce, available)).map(({ mirror }) => mirror?.contents), until)
    .toEqual([10, 10, 10, 10, 10, 10]);

  const { catalogFingerprint } = await available(first);
  await Promise.all([publisher, ...mirrors.slice(0, 3)].map((node) => node.kill()));
  const fresh = await start(20, 'mode = "none"', mirrors.slice(3));
  await untilCatalogueIs(fresh.home, catalogFingerprint);
  const target = emptyFolder();
  const api = await apiOf(fresh);
  const results = await Promise.all(published.map(({ id }) => api.install({ ref: id, target })));
  const left = new Set(mirrors.slice(3).map(({ peerId }) => peerId));
  for (const [at, { packages }] of results.entries()) {
    expect(packages[0]).toMatchObject({ cid: published[at]?.cid, source: "peers" });
    expect(packages[0]?.peers.every(({ peerId }) => left.has(peerId))).toBe(true);
    expect(await treeFiles(join(target, packages[0]?.id ?? ""))).toEqual(await expectedTree(folders[at] ?? ""));
  }
}, 240_000);

it("a peer that says it holds what it does not is found out, and others are asked", async () => {
  const publisher = await start(1, 'mode = "none"');
  const [address = ""] = publisher.addresses;
  const boaster = startHostile("boaster.ts", [address]);
  const liar = (await boaster.event("ready"))["peerId"] as string;
  const folder = writePackage(emptyFolder(), "io.example.boasted", {
    files: { "data.txt": seededBytes("boasted", 4000).toString("hex") },
  });
  const publishing = publish(publisher, folder, 1);
  await boaster.event("asked");
  const honest = await start(2, 'mode = "all"');
  await answerOf(publisher.home, ["marketplace", "p2p", "bootstrap", honest.addresses[0] ?? ""]);
  expect((await publishing).heldBy).toEqual([honest.peerId]);
  const { reputation } = await answerOf<{ reputation: { evidence: { lies: number } } }>(publisher.home, [
    "marketplace",
    "p2p",
    "peer-info",
    liar,
    "--full",
  ]);
  expect(reputation.evidence.lies).toBeGreaterThan(0);
  const { heldBy } = await answerOf<{ heldBy: readonly string[] }>(publisher.home, [
    "marketplace",
    "info",
    "io.example.boasted",
  ]);
  expect(heldBy).toEqual([honest.peerId]);
});

it("an announcer of junk fills no more of a mirror than a stranger's share", async () => {
  // A sixteenth of 16 MB is one.
  const mirror = await start(1, 'mode = "all"\nmax_mb = 16');
  const [junk, honest] = await Promise.all([start(2, 'mode = "none"', [mirror]), start(3, 'mode = "none"', [mirror])]);
  for (let at = 0; at < 4; at += 1) {
    const text = seededBytes(`junk ${at}`, 200_000).toString("hex");
    await publish(junk, writePackage(emptyFolder(), `io.example.junk-${at}`, { files: { "data.txt": text } }));
  }
  const kept = await publish(honest, writePackage(emptyFolder(), "io.example.honest"));
  await expect.poll(async () => (await available(mirror)).mirror, until).toMatchObject({ contents: 3, waiting: 0 });
  const { mirror: shelf } = await available(mirror);
  expect((shelf?.bytes ?? Number.NaN) - kept.size).toBeLessThanOrEqual(1_000_000);
  await Promise.all([honest.kill(), junk.kill()]);
  await answerOf(mirror.home, ["marketplace", "install", kept.id, "--target", emptyFolder()]);
});
