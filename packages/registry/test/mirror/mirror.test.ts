import type { P2PConfigInput } from "@ggen/p2p-config";
import { expect, it } from "vitest";

import type { P2PRegistry } from "../../src/index.ts";
import { connect, packageFolder, startRegistry, temporaryFolder, until } from "../harness.ts";

const prompt = { delaySecs: 0, checkSecs: 1 } as const;

/** A node on an address of its own, so that it is of another network than the others. */
function at(group: number, input: P2PConfigInput = {}): Promise<P2PRegistry> {
  return startRegistry({ ...input, p2p: { listenAddresses: [`/ip4/127.0.${group}.1/tcp/0`] } });
}
const mirrorOf = (mode: "none" | "followed" | "trusted" | "all", maxMb = 10): P2PConfigInput => ({
  mirror: { ...prompt, mode, maxMb },
});
const copies = (node: P2PRegistry): number => node.mirror?.contents ?? 0;

it("takes copies of what is released and of what was there before, and serves them without the publisher", async () => {
  const [publisher, mirror] = await Promise.all([at(1), at(2, mirrorOf("all"))]);
  await publisher.publish(await packageFolder("io.example.before"));
  await connect(mirror, publisher);
  await publisher.publish(await packageFolder("io.example.after"));
  await until(() => copies(mirror) === 2);
  await publisher.close();

  const fresh = await at(3);
  await connect(fresh, mirror);
  for (const ref of ["io.example.before", "io.example.after"]) {
    const { packages } = await fresh.install({ ref, target: await temporaryFolder() });
    expect(packages[0]?.peers.map(({ peerId }) => peerId)).toEqual([mirror.peerId]);
  }
});

it("takes what its mode says: nothing, of whom it follows, of whom it trusts", async () => {
  const [one, other] = await Promise.all([at(1), at(2)]);
  const first = await one.publish(await packageFolder("io.example.one"));
  await other.publish(await packageFolder("io.example.other"));
  const [none, follower, truster] = await Promise.all([
    at(3, mirrorOf("none")),
    at(4, mirrorOf("followed")),
    at(5, mirrorOf("trusted")),
  ]);
  for (const node of [none, follower, truster]) {
    await connect(node, one);
    await connect(node, other);
    await until(async () => (await node.search({})).length === 2);
  }
  await follower.install({ ref: "io.example.one", target: await temporaryFolder() });
  await truster.publishers.trust({ publisher: first.publisher, trusted: true });
  const second = await one.publish(await packageFolder("io.example.two"));
  await other.publish(await packageFolder("io.example.third"));
  await until(() => copies(follower) === 1 && copies(truster) === 2);
  await until(async () => (await none.search({})).length === 4);
  expect([copies(none), copies(follower), copies(truster)]).toEqual([0, 1, 2]);
  expect(follower.contents.stat(second.cid)?.complete).toBe(true);
});

it("publishes with replicas: peers of different networks take a copy at once, prove it, and are replaced when they go", async () => {
  const slow = { mirror: { mode: "all", maxMb: 10, delaySecs: 3600, checkSecs: 3600 } } as const;
  const publisher = await at(1, mirrorOf("none"));
  const near = await Promise.all([at(2, slow), at(2, slow)]);
  const far = await Promise.all([at(3, slow), at(4, mirrorOf("none")), at(5, slow)]);
  for (const node of [...near, ...far]) await connect(publisher, node);
  const published = await publisher.publish(await packageFolder("io.example.kept"), { replicas: 3 });
  const holders = (): readonly string[] => publisher.replicas[0]?.heldBy ?? [];
  expect(published.heldBy).toHaveLength(3);
  expect(published.warnings).toEqual([]);
  expect(near.filter(({ peerId }) => holders().includes(peerId))).toHaveLength(1);
  expect(holders()).toEqual(expect.arrayContaining([far[0]?.peerId, far[2]?.peerId]));
  // One more is asked than is missing: it may have its copy by now, too.
  const { heldBy } = await publisher.info({ ref: "io.example.kept" });
  expect(heldBy).toEqual(expect.arrayContaining([...holders()]));
  expect(heldBy).not.toContain(far[1]?.peerId);

  const spare = await at(6, slow);
  await connect(publisher, spare);
  const gone = far[0]?.peerId ?? "";
  await far[0]?.close();
  await until(() => holders().includes(spare.peerId));
  expect(holders()).not.toContain(gone);
  expect(holders()).toHaveLength(3);
}, 60_000);
