import { describe, expect, it } from "vitest";

import type { P2PRegistry } from "../../src/index.ts";
import { connect, openRegistry, packageFolder, startRegistry, temporaryFolder, until } from "../harness.ts";
import { forge } from "./given-peers.ts";
import { startLiar, stranger } from "./hostile.ts";

const light = { catalog: { mode: "light" } } as const;
const id = "io.example.wanted";

/** Connects a light node to others, and waits until it has so many full nodes to ask. */
async function meet(node: P2PRegistry, peers: readonly { readonly addresses: readonly string[] }[]): Promise<void> {
  await node.bootstrap({ addresses: peers.flatMap(({ addresses }) => addresses.slice(0, 1)), timeoutMs: 10_000 });
  await until(async () => ((await node.status()).light?.fullPeers ?? 0) >= peers.length);
}

const addressOf = (node: { addresses(): string[] }): { readonly addresses: readonly string[] } => ({
  addresses: node.addresses(),
});

describe("a light node", () => {
  it("keeps what it asked for and what it follows, of a catalogue that it never has", async () => {
    const [first, second, node] = await Promise.all([startRegistry(), startRegistry(), startRegistry(light)]);
    const others = Array.from({ length: 30 }, (_, place) => stranger(`io.example.other-${place}`, ["1.0.0"])).flat();
    await connect(first, second);
    await first.publish(await packageFolder(id));
    await first.publish(await packageFolder("io.example.second"));
    await until(() => second.catalogFingerprint === first.catalogFingerprint);
    const liar = await startLiar({ ofPackage: () => [] });
    await liar.dial(first.addresses[0] ?? "");
    await liar.pushOperations(
      first.peerId,
      others.map(({ envelope }) => envelope),
    );
    await until(() => second.catalogFingerprint === first.catalogFingerprint);
    expect((await first.stats()).operations).toBeGreaterThan(90);

    await meet(node, [first, second]);
    expect((await node.stats()).operations).toBe(0);
    // Nor does it take what is brought to it.
    await liar.dial(node.addresses[0] ?? "");
    const brought = others.slice(0, 30).map(({ envelope }) => envelope);
    expect(await liar.pushOperations(node.peerId, brought)).toEqual({
      accepted: 0,
      known: 0,
      deferred: 30,
      rejected: 0,
    });
    await liar.stop();
    await until(async () => (await node.status()).light?.fullPeers === 2);
    expect((await node.stats()).operations).toBe(0);
    const found = await node.searchPage({ text: "wanted" });
    expect(found.results.map((result) => result.package.id)).toEqual([id]);
    expect(found).toMatchObject({ complete: false });
    expect(found.asked?.answered.toSorted()).toEqual([first.peerId, second.peerId].toSorted());
    expect(found.asked?.lacking).toEqual([]);
    const info = await node.info({ ref: id });
    expect(info).toMatchObject({ chosenBecause: "no other publisher claims the id", claimants: [{ versions: 1 }] });
    expect(info.asked?.answered).toHaveLength(2);
    expect(info.warnings).toBeUndefined();

    const why = await node.why({ ref: id });
    expect(why.steps.slice(1, 3)).toEqual([
      { question: "Is the catalogue complete?", answer: "no, this node is light: it asks full nodes", ok: true },
      { question: "What do full nodes say?", answer: "2 of 2 answered", ok: true },
    ]);

    const target = await temporaryFolder();
    const installed = await node.install({ ref: id, target });
    expect(installed.packages).toMatchObject([{ id, version: "1.0.0", source: "peers" }]);
    expect(installed.asked?.lacking).toEqual([]);
    // A pinned publisher's news comes by itself, nobody else's does.
    const news = node.subscribe()[Symbol.asyncIterator]();
    const announced = news.next();
    await first.publish(await packageFolder(id, "1.1.0"));
    expect((await announced).value).toMatchObject({ id, version: "1.1.0" });
    await second.publish(await packageFolder("io.example.unasked"));
    await first.publish(await packageFolder(id, "1.2.0"));
    expect((await news.next()).value).toMatchObject({ id, version: "1.2.0" });
    expect(await node.listVersions(id)).toEqual(["1.0.0", "1.1.0", "1.2.0"]);
    // The publisher of two packages, and nothing of the other 31.
    expect((await node.stats()).operations).toBeLessThan(10);
    expect((await node.stats()).packages).toBe(2);

    // Two full nodes say so, and one alone would not do.
    await expect(node.install({ ref: "io.example.none", target })).rejects.toMatchObject({ code: "package.not-found" });
    await second.close();
    await until(async () => (await node.status()).light?.fullPeers === 1);
    const refused = node.install({ ref: "io.example.nobody", target });
    await expect(refused).rejects.toMatchObject({
      code: "registry.incomplete",
      got: `1 of 1; asked were ${first.peerId}`,
    });
    expect((await node.info({ ref: "io.example.second" })).warnings).toEqual([
      "io.example.second: only one full node answered; it may keep releases, withdrawals or other claimants back",
    ]);
  }, 60_000);

  it("asks several pages of a search, and pages on in the answers", async () => {
    const [full, node] = await Promise.all([startRegistry(), startRegistry(light)]);
    const all = Array.from({ length: 60 }, (_, place) => stranger(`io.example.page-${place}`, ["1.0.0"]));
    const envelopes = all.flat().map(({ envelope }) => envelope);
    const pusher = await startLiar({ ofPackage: () => [] });
    await pusher.dial(full.addresses[0] ?? "");
    await pusher.pushOperations(full.peerId, envelopes);
    await until(async () => (await full.stats()).packages === 60);
    await meet(node, [full]);
    const seen = new Set<string>();
    for (let page = await node.searchPage({ text: "page", limit: 25 }); ;) {
      for (const result of page.results) seen.add(result.package.id);
      if (page.next === null) break;
      page = await node.searchPage({ text: "page", limit: 25, cursor: page.next });
    }
    expect(seen.size).toBe(60);
  }, 60_000);

  it("publishes, and full nodes have it, also what was published before it met them", async () => {
    const node = await openRegistry(light);
    await node.publish(await packageFolder("io.example.early"));
    await node.publish(await packageFolder("io.example.early-too"));
    await node.start();
    const full = await startRegistry();
    await meet(node, [full]);
    await until(async () => (await full.stats()).packages === 2);
    await node.publish(await packageFolder("io.example.later"));
    await until(async () => (await full.stats()).packages === 3);
    expect(full.ready()).toBe(false);

    // A full node that heard none of it is given it when it is met after a start.
    await until(() => node.pendingAnnouncements === 0);
    await full.close();
    await node.stop();
    const [another] = await Promise.all([startRegistry(), node.start()]);
    await meet(node, [another]);
    await until(async () => (await another.stats()).packages === 3);
  }, 60_000);

  it("installs from a lockfile what it does not hold", async () => {
    const [full, node] = await Promise.all([startRegistry(), startRegistry(light)]);
    await full.publish(await packageFolder(id));
    const [folder, target] = [await temporaryFolder(), await temporaryFolder()];
    const lockfile = `${folder}/ggen.lock`;
    await full.install({ ref: id, target: folder, lockfile });
    await meet(node, [full]);
    const installed = await node.install({ target, lockfile, frozenLockfile: true });
    expect(installed.packages).toMatchObject([{ id, version: "1.0.0" }]);
  }, 60_000);
});

describe("a full node that lies", () => {
  it("by keeping back, forging or flooding changes nothing but its own answer", async () => {
    const [honest, node] = await Promise.all([startRegistry(), startRegistry(light)]);
    await honest.publish(await packageFolder(id, "1.0.0"));
    const { package: first } = await honest.info({ ref: id });
    const publisher = first?.publisher ?? "";
    await honest.publish(await packageFolder(id, "1.1.0"));

    // One says that there is nothing.
    const silent = await startLiar({ ofPackage: () => [] });
    // One gives what the publisher signed, with signatures that are not its own.
    let real: readonly Uint8Array[] = [];
    const forger = await startLiar({
      ofPackage: () => [],
      ofPublisher: (asked) => (asked === publisher ? real.map((bytes) => forge(bytes)) : []),
    });
    await forger.dial(honest.addresses[0] ?? "");
    real = await forger.operationsOf(honest.peerId, { publisher });
    // One names a thousand claimants whose records do not exist.
    const named = Array.from({ length: 1000 }, () => stranger(id, ["9.0.0"])[2]?.envelope ?? new Uint8Array());
    const namer = await startLiar({
      ofPackage: () => named,
      search: () => Promise.resolve({ envelopes: named.slice(0, 512), total: 1_000_000 }),
    });
    // One names those who claim another id.
    const unasked = stranger("io.example.advertised", ["1.0.0"]).map(({ envelope }) => envelope);
    const advertiser = await startLiar({ ofPackage: () => unasked });
    await meet(node, [honest, ...[silent, forger, namer, advertiser].map(addressOf)]);

    const info = await node.info({ ref: id });
    expect(info.versions.map(({ version }) => version)).toEqual(["1.0.0", "1.1.0"]);
    expect(info.claimants.map((claimant) => claimant.publisher)).toEqual([publisher]);
    expect(info.asked?.asked).toHaveLength(5);
    expect(info.asked?.answered.toSorted()).toEqual([honest.peerId, silent.peerId, namer.peerId].toSorted());
    expect(info.asked?.lacking.toSorted()).toEqual([silent.peerId, namer.peerId].toSorted());
    for (const liar of [forger, advertiser]) {
      expect((await node.getComprehensiveReputation(liar.peerId)).evidence.lies).toBeGreaterThan(0);
    }
    const found = await node.searchPage({ text: "wanted" });
    expect(found.results.map((result) => result.package.version)).toEqual(["1.1.0"]);
    expect((await node.install({ ref: id, target: await temporaryFolder() })).packages).toMatchObject([
      { version: "1.1.0" },
    ]);
    expect((await node.stats()).packages).toBe(1);
  }, 60_000);

  it("by giving rightly signed records of others brings in no more than its answer has room for", async () => {
    const [honest, node] = await Promise.all([startRegistry(), startRegistry(light)]);
    await honest.publish(await packageFolder(id));
    const many = Array.from({ length: 300 }, (_, place) => stranger(`io.example.unwanted-${place}`, ["1.0.0"])).flat();
    const unasked = many.map(({ envelope }) => envelope);
    const impostor = await startLiar({
      ofPackage: () => [],
      ofPublisher: () => unasked,
      search: () => Promise.resolve({ envelopes: unasked, total: 1_000_000 }),
    });
    await meet(node, [honest, addressOf(impostor)]);
    const info = await node.info({ ref: id });
    expect(info.asked).toMatchObject({ answered: [honest.peerId] });
    expect((await node.getComprehensiveReputation(impostor.peerId)).evidence.lies).toBe(1);
    expect((await node.stats()).packages).toBe(1);
    const found = await node.searchPage({ text: "wanted" });
    expect(found.results.map((result) => result.package.id)).toEqual([id]);
    expect(found.asked?.lacking).toEqual([]);
    expect((await node.stats()).operations).toBeLessThan(3 * 180);
  }, 60_000);
});
