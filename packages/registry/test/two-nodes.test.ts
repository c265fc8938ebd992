import { realpath } from "node:fs/promises";
import { join } from "node:path";

import { isGgenError } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { connect, openRegistry, packageFolder, startRegistry, temporaryFolder, treeOf, until } from "./harness.ts";

it("publishes on one node, finds and installs on another", async () => {
  const [a, b] = await Promise.all([startRegistry(), startRegistry()]);
  const folder = await packageFolder("io.example.my-package");
  const published = await a.publish(folder);
  expect(published).toMatchObject({ id: "io.example.my-package", version: "1.0.0", created: true });
  expect(published.recoveryWords?.split(" ")).toHaveLength(24);

  await connect(b, a);
  expect(b.catalogFingerprint).toBe(a.catalogFingerprint);
  const [found] = await b.search({ text: "my-package" });
  expect(found?.package.id).toBe("io.example.my-package");

  const target = await temporaryFolder();
  const lockfile = join(target, "ggen.lock");
  const { packages } = await b.install({ ref: "io.example.my-package", target, lockfile });
  expect(packages).toMatchObject([{ id: "io.example.my-package", source: "peers", peers: [{ peerId: a.peerId }] }]);
  expect(await treeOf(await realpath(packages[0]?.path ?? ""))).toEqual(await treeOf(folder));
});

it("hears of a release by gossip, and a third node gets everything from the second alone", async () => {
  const [a, b] = await Promise.all([startRegistry(), startRegistry()]);
  await connect(b, a);
  const updates = b.subscribe()[Symbol.asyncIterator]();
  await a.publish(await packageFolder("io.example.one"));
  expect((await updates.next()).value).toMatchObject({ type: "release", id: "io.example.one" });
  await b.install({ ref: "io.example.one", target: await temporaryFolder() });
  await a.close();

  const c = await startRegistry();
  await connect(c, b);
  expect(c.catalogFingerprint).toBe(b.catalogFingerprint);
  const { packages } = await c.install({ ref: "io.example.one", target: await temporaryFolder() });
  expect(packages[0]?.peers.map(({ peerId }) => peerId)).toEqual([b.peerId]);
});

it("refuses an id that two publishers claim, and installs the one that is named", async () => {
  const [a, b] = await Promise.all([startRegistry(), startRegistry()]);
  const first = await a.publish(await packageFolder("io.example.claimed", "1.0.0", { "a.txt": "first" }));
  const second = await b.publish(await packageFolder("io.example.claimed", "1.0.0", { "a.txt": "second" }));
  const c = await startRegistry();
  await connect(c, a);
  await connect(c, b);
  await until(async () => (await c.search({ text: "io.example.claimed" }))[0]?.claimants.length === 2);
  const target = await temporaryFolder();
  const refused = await c.install({ ref: "io.example.claimed", target }).catch((error: unknown) => error);
  expect(isGgenError(refused, "package.ambiguous") && refused.hint).toContain(`${first.publisher}/io.example.claimed`);
  const { packages } = await c.install({ ref: `${second.publisher}/io.example.claimed`, target });
  expect(packages[0]?.publisher).toBe(second.publisher);
});

it("publishes without a running node, and announces when it has peers", async () => {
  const a = await openRegistry();
  const published = await a.publish(await packageFolder("io.example.offline"));
  expect(published).toMatchObject({ announced: false, created: true });
  expect(a.pendingAnnouncements).toBe(1);
  const again = await a.publish(await packageFolder("io.example.offline"));
  expect(again).toMatchObject({ created: false, checksum: published.checksum });
  await a.start();
  const b = await startRegistry();
  await connect(b, a);
  await until(() => a.pendingAnnouncements === 0);
  expect((await b.get("io.example.offline"))?.checksum).toBe(published.checksum);
});

it("says that it cannot know, until it has compared its catalogue with a peer", async () => {
  const a = await startRegistry();
  await expect(a.get("io.example.none")).rejects.toMatchObject({ code: "registry.incomplete" });
  const b = await startRegistry();
  await connect(a, b);
  expect(await a.get("io.example.none")).toBeUndefined();
});

it("goes on with what it knew when it comes back without peers", async () => {
  const home = await temporaryFolder();
  const [a, b] = await Promise.all([startRegistry(), startRegistry({}, home)]);
  await a.publish(await packageFolder("io.example.known"));
  await connect(b, a);
  await b.ensureContent((await b.get("io.example.known")) ?? expect.fail("not found"));
  await Promise.all([a.close(), b.close()]);
  const again = await startRegistry({}, home);
  const target = await temporaryFolder();
  expect((await again.install({ ref: "io.example.known", target })).packages[0]?.source).toBe("store");
  await expect(again.get("io.example.unknown")).rejects.toMatchObject({ code: "registry.incomplete" });
});
