import { join } from "node:path";

import { systemRandom } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createRecoveryWords, type P2PRegistry, rotationKeyOf } from "../../src/index.ts";
import { until } from "../harness.ts";
import {
  closedHome,
  connect,
  copyRecords,
  forgedRelease,
  openRegistry,
  packageFolder,
  plant,
  publisherOf,
  startRegistry,
  stolenKeys,
  temporaryFolder,
  twoKeyHome,
  withCatalog,
} from "./world.ts";

const id = "io.example.stolen";
const evil = {
  cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
  size: 1024,
  sha256: "66".repeat(32),
};

/** Waits until every node has the same set of records. */
async function converged(nodes: readonly P2PRegistry[]): Promise<void> {
  await until(() => new Set(nodes.map((node) => node.catalogFingerprint)).size === 1);
}

describe("a thief with a stolen signing key", () => {
  it("loses everything that it signed, anywhere in the chain, and the owner nothing", { timeout: 30_000 }, async () => {
    const owner = await closedHome(id, ["1.0.0", "1.1.0"]);
    const [key] = await stolenKeys(owner.home);
    if (key === undefined) throw new Error("the owner has a key");
    const thiefHome = join(await temporaryFolder(), "thief");
    await copyRecords(owner.home, thiefHome, owner.publisher);
    const chain = await withCatalog(thiefHome, (catalog) =>
      catalog.entry(id)?.claimants.flatMap(({ releases }) => releases),
    );
    const [first, second] = chain ?? [];
    const time = second?.releasedAt ?? 0;
    const forge = (seq: number, prev: string | undefined, version: string): ReturnType<typeof forgedRelease> =>
      forgedRelease(key, { seq, prev: prev ?? null, time }, { id, version, content: evil });
    const beyond = forge(3, second?.operation, "2.0.0");
    await plant(thiefHome, [beyond]);

    const [node, thief] = await Promise.all([startRegistry({}, owner.home), startRegistry({}, thiefHome)]);
    const user = await startRegistry();
    await connect(user, node);
    await connect(user, thief);
    await connect(thief, node);
    await converged([node, user, thief]);
    // The harm, while nobody has noticed: what the thief signed is a version like any other.
    expect(await user.listVersions(id)).toEqual(["1.0.0", "1.1.0", "2.0.0"]);
    await thief.close();

    const revoked = await node.publishers.revoke({ key: key.key, recoveryWords: [owner.words] });
    expect(revoked).toMatchObject({ seq: 2, head: second?.operation, dropped: [`${id}@2.0.0`] });
    await converged([node, user]);

    // Once more, after the revocation: beside its point, below it, at the very beginning, and over old versions.
    await plant(thiefHome, [
      forge(4, beyond.id, "3.0.0"),
      forge(2, first?.operation, "1.1.0"),
      forge(2, first?.operation, "1.0.1"),
      forge(1, undefined, "1.0.0"),
    ]);
    const again = await startRegistry({}, thiefHome);
    await connect(again, user);
    await connect(again, node);
    await converged([node, user, again]);

    for (const seen of [node, user, again]) expect(await seen.listVersions(id)).toEqual(["1.0.0", "1.1.0"]);
    const target = await temporaryFolder();
    for (const version of ["1.0.1", "2.0.0", "3.0.0"]) {
      await expect(user.install({ ref: `${owner.publisher}/${id}@${version}`, target })).rejects.toMatchObject({
        code: "package.version-not-found",
      });
    }
    for (const release of [first, second]) {
      const { packages } = await user.install({ ref: `${owner.publisher}/${id}@${release?.version}`, target });
      expect(packages[0]?.checksum).toBe(release?.checksum);
    }
    await expect(node.publish(await packageFolder(id, "1.2.0"))).rejects.toMatchObject({ code: "publish.no-key" });
    await node.publishers.grant({ recoveryWords: [owner.words] });
    expect(await node.publish(await packageFolder(id, "1.2.0"))).toMatchObject({ created: true });
    await until(async () => (await user.listVersions(id)).length === 3);
  });

  it("who forked the chain leaves the choice to whoever did not sign there, who names the right head", async () => {
    const owner = await closedHome(id, ["1.0.0"]);
    const [key] = await stolenKeys(owner.home);
    if (key === undefined) throw new Error("the owner has a key");
    const forged = forgedRelease(key, { seq: 1, prev: null, time: 1 }, { id, version: "9.0.0", content: evil });
    const other = await temporaryFolder();
    await copyRecords(owner.home, other, owner.publisher);
    await withCatalog(other, (catalog) => catalog.accept([forged.envelope], { via: "sync", peer: "test" }));
    const elsewhere = await openRegistry({}, other);
    const revoke = { publisher: owner.publisher, key: key.key, recoveryWords: [owner.words] };
    const refused = await elsewhere.publishers.revoke({ ...revoke, at: 1 }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "usage.invalid" });
    const { heads } = (refused as { data: { heads: readonly string[] } }).data;
    expect(heads).toHaveLength(2);
    const right = heads.find((head) => head !== forged.id) ?? "";
    expect((refused as { hint: string }).hint).toContain(`--head ${right.slice(0, 16)}`);
    const done = await elsewhere.publishers.revoke({ ...revoke, head: right.slice(0, 16) });
    expect(done).toMatchObject({ seq: 1, head: right, dropped: [`${id}@9.0.0`] });
    await expect(elsewhere.publishers.revoke({ ...revoke, at: 1, head: right })).rejects.toMatchObject({
      code: "usage.invalid",
    });
    expect(await elsewhere.publishers.revoke({ ...revoke, at: 0 })).toMatchObject({ seq: 0, head: null });
    await elsewhere.close();
    const nothing = await withCatalog(other, (catalog) => catalog.entry(id));
    expect(nothing).toBeUndefined();
  });
});

describe("a thief with a rotation key", () => {
  it("of lower rank loses the publisher again to the higher one, with all that it did", async () => {
    const { home, registry, publisher, high, low } = await twoKeyHome(id);
    await registry.close();

    const thiefHome = await temporaryFolder();
    await copyRecords(home, thiefHome, publisher);
    const thief = await openRegistry({}, thiefHome);
    await thief.publishers.recover({ recoveryWords: [low] });
    const own = createRecoveryWords(systemRandom);
    await thief.publishers.rotate({ keys: [rotationKeyOf(own)], threshold: 1, recoveryWords: [low] });
    await thief.publish(await packageFolder(id, "6.6.6"));
    await thief.close();
    await copyRecords(thiefHome, home, publisher);

    const owner = await openRegistry({}, home);
    expect(await owner.listVersions(id)).toEqual(["1.0.0", "6.6.6"]);
    const recovered = await owner.publishers.recover({ recoveryWords: [high] });
    expect(recovered.overridden).toHaveLength(1);
    expect(recovered.warnings.join(" ")).toContain("have no effect any more");
    // The thief's grant was by a key that had the right to it then: it is revoked, as any stolen key is.
    const granted = (await publisherOf(owner, publisher)).signingKeys.find(
      ({ label, local }) => !local && label === "recovered key",
    );
    const dropped = await owner.publishers.revoke({ key: granted?.key ?? "", at: 0, recoveryWords: [high] });
    expect(dropped.dropped).toEqual([`${id}@6.6.6`]);
    expect(await owner.listVersions(id)).toEqual(["1.0.0"]);
    for (const words of [own, low]) {
      const call = owner.publishers.rotate({ keys: [rotationKeyOf(own)], threshold: 1, recoveryWords: [words] });
      if (words === own) await expect(call).rejects.toMatchObject({ code: "publisher.unauthorised" });
      else await call;
    }
  });

  it("of lower rank who voids the owner's releases has done nothing once the owner goes over it", async () => {
    const { registry, publisher, high, low } = await twoKeyHome(id);
    const [key] = (await publisherOf(registry, publisher)).signingKeys;
    await registry.publishers.revoke({ key: key?.key ?? "", at: 0, recoveryWords: [low] });
    expect(await registry.listVersions(id).catch(() => [])).toEqual([]);
    const { changes = [] } = await publisherOf(registry, publisher);
    expect(changes.map(({ type, rank }) => [type, rank])).toEqual([
      ["genesis", 1],
      ["grant", 1],
      ["revoke", 2],
    ]);
    const over = changes[2]?.operation.slice(0, 12) ?? "";
    const words = { recoveryWords: [low] };
    await expect(registry.publishers.grant({ ...words, over })).rejects.toMatchObject({
      code: "publisher.unauthorised",
    });
    await expect(registry.publishers.grant({ ...words, over: "00000000" })).rejects.toMatchObject({
      code: "usage.invalid",
    });
    const rotated = createRecoveryWords(systemRandom);
    const back = await registry.publishers.rotate({
      keys: [rotationKeyOf(rotated)],
      threshold: 1,
      recoveryWords: [high],
      over,
    });
    expect(back.overridden).toEqual([changes[2]?.operation]);
    expect(await registry.listVersions(id)).toEqual(["1.0.0"]);
    expect(await registry.publish(await packageFolder(id, "1.1.0"))).toMatchObject({ created: true });
  });

  it("of equal rank freezes the publisher: nothing of before is lost, and only a higher rank decides", async () => {
    const { home, registry, publisher, high, low } = await twoKeyHome(id);
    await registry.close();
    const other = await temporaryFolder();
    await copyRecords(home, other, publisher);
    for (const place of [home, other]) {
      const machine = await openRegistry({}, place);
      await machine.publishers.grant({ publisher, label: place.slice(-20), recoveryWords: [low] });
      await machine.close();
    }
    await copyRecords(home, other, publisher);
    await copyRecords(other, home, publisher);
    const machine = await openRegistry({}, home);
    expect((await publisherOf(machine, publisher)).frozen).toBe(true);
    expect(await machine.publish(await packageFolder(id, "1.1.0"))).toMatchObject({ created: true });
    const grant = { publisher, recoveryWords: [low] };
    await expect(machine.publishers.grant(grant)).rejects.toMatchObject({ code: "publisher.frozen" });
    const decided = await machine.publishers.grant({ publisher, recoveryWords: [high] });
    expect(decided.overridden).toHaveLength(2);
    expect((await publisherOf(machine, publisher)).frozen).toBe(false);
    expect(await machine.listVersions(id)).toEqual(["1.0.0", "1.1.0"]);
  });
});

describe("a version that was withdrawn", () => {
  it("is hidden and comes from a lockfile only, with a warning; a revoked one does not come at all", async () => {
    const registry = await openRegistry();
    const { recoveryWords } = await registry.publishers.init();
    await registry.publish(await packageFolder(id, "1.0.0"));
    await registry.publish(await packageFolder(id, "1.1.0"));
    const target = await temporaryFolder();
    const lockfile = join(target, "ggen.lock");
    await registry.install({ ref: id, target, lockfile });

    await registry.yank({ ref: `${id}@1.1.0`, reason: "leaks a key", yanked: true });
    const fresh = await temporaryFolder();
    expect((await registry.install({ ref: id, target: fresh })).packages[0]?.version).toBe("1.0.0");
    await expect(registry.install({ ref: `${id}@1.1.0`, target: fresh })).rejects.toMatchObject({
      code: "package.yanked",
    });
    const locked = await registry.install({ target: await temporaryFolder(), lockfile, frozenLockfile: true });
    expect(locked.packages[0]?.version).toBe("1.1.0");
    expect(locked.warnings.join(" ")).toContain("yanked");

    await registry.yank({ ref: `${id}@1.1.0`, reason: "", yanked: false });
    expect((await registry.install({ ref: id, target: fresh })).packages[0]?.version).toBe("1.1.0");

    const [own] = await registry.publishers.list();
    await registry.publishers.revoke({ key: own?.signingKeys[0]?.key ?? "", at: 1, recoveryWords: [recoveryWords] });
    expect(await registry.listVersions(id)).toEqual(["1.0.0"]);
    for (const params of [{ lockfile, frozenLockfile: true }, { ref: `${id}@1.1.0` }]) {
      await expect(registry.install({ target: await temporaryFolder(), ...params })).rejects.toHaveProperty("code");
    }
  });
});
