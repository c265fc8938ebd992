import { publisherOf } from "@ggen/p2p-catalog";
import { GgenError, type PublisherId, type SignedOperation, systemClock } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { stranger } from "./hostile.ts";
import { lightNode } from "./light-node.ts";

const id = "io.example.wanted";
const mine = stranger(id, ["1.0.0", "1.1.0"]);
const theirs = stranger(id, ["2.0.0"]);
const unrelated = stranger("io.example.other", ["1.0.0"]);
const ownerOf = ([first]: readonly SignedOperation[]): PublisherId => (first === undefined ? "" : publisherOf(first));

it("one honest answer is enough, and those that kept something back are named", async () => {
  const lists = new Map([
    ["honest", [...mine, ...theirs]],
    ["froze", [...mine.slice(0, -1), ...theirs]],
    ["hides", [...mine]],
    ["silent", []],
  ]);
  const { node, catalog, comparisons } = await lightNode(lists);
  await node.lookup("IO.Example.Wanted");
  const claimants = catalog.entry(id)?.claimants.map(({ publisher }) => publisher);
  expect(claimants?.toSorted()).toEqual([ownerOf(mine), ownerOf(theirs)].toSorted());
  expect(mine.every((signed) => catalog.has(signed.id))).toBe(true);
  const survey = node.about("io.example.WANTED");
  expect(survey.asked.toSorted()).toEqual([...lists.keys()].toSorted());
  expect(survey.answered.toSorted()).toEqual([...lists.keys()].toSorted());
  expect(survey.lacking.toSorted()).toEqual(["froze", "hides", "silent"]);
  expect(node.isSettled(id)).toBe(true);
  expect(node.warnings([id])).toEqual([]);
  expect(comparisons.peers).toBe(4);
});

it("who does not answer is told from who does, and one answer alone is warned of", async () => {
  const lists = new Map<string, readonly SignedOperation[]>([["honest", mine]]);
  const { node, evidence, network } = await lightNode(lists);
  network.fullPeers = () => ["honest", "gone"];
  await node.lookup(id);
  const survey = node.about(id);
  expect(survey.asked.toSorted()).toEqual(["gone", "honest"]);
  expect(survey).toMatchObject({ answered: ["honest"], lacking: [] });
  expect(node.isSettled(id)).toBe(true);
  expect(node.warnings(["io.example.other", id])).toEqual([
    expect.stringMatching(/^io\.example\.wanted: only one full/),
  ]);
  expect(evidence.of("gone").failures).toBe(1);
  expect(evidence.of("honest").failures).toBe(0);
});

it("what was asked about several ids is told together, and nothing where nobody was asked", async () => {
  const lists = new Map([
    ["a", mine],
    ["b", [...mine, ...unrelated]],
  ]);
  const { node, network } = await lightNode(lists);
  await node.lookup(id);
  network.fullPeers = () => ["b"];
  await node.lookup("io.example.other");
  const { asked, answered, lacking } = node.askedAbout([id, "io.example.other"]) ?? {};
  expect([asked?.toSorted(), answered?.toSorted(), lacking]).toEqual([["a", "b"], ["a", "b"], []]);
  expect(node.askedAbout(["io.example.third"])).toBeUndefined();
  expect(node.askedAbout([])).toBeUndefined();
  expect(node.isSettled("io.example.third")).toBe(false);
});

it("an answer holds for five seconds, unless one alone gave it and others are there now", async () => {
  const lists = new Map<string, readonly SignedOperation[]>([["a", mine]]);
  const { node, asked, pass } = await lightNode(lists);
  const asks = async (): Promise<boolean> => {
    const before = asked.length;
    await node.lookup(id);
    return asked.length > before;
  };
  expect(await asks()).toBe(true);
  pass(4999);
  expect(await asks()).toBe(false);
  lists.set("b", mine);
  expect(await asks()).toBe(true);
  lists.set("c", mine);
  expect(await asks()).toBe(false);
  pass(4999);
  expect(await asks()).toBe(false);
  pass(1);
  expect(await asks()).toBe(true);
});

it("who answered is remembered for five minutes, and not after a start", async () => {
  const { node, pass } = await lightNode(new Map([["a", []]]));
  await node.lookup(id);
  pass(300_000);
  // Nobody claims the id: there is nothing that the peer could have kept back.
  expect(node.about(id)).toEqual({ asked: ["a"], answered: ["a"], lacking: [] });
  pass(1);
  expect(node.about(id)).toEqual({ asked: [], answered: [], lacking: [] });
  await node.lookup(id);
  expect(node.about(id).answered).toEqual(["a"]);
  await node.begin();
  expect(node.about(id).answered).toEqual([]);
});

it("nobody is asked by a node that is stopped or alone, and that is no answer", async () => {
  const lists = new Map([["a", mine]]);
  const { node, asked, stop, network } = await lightNode(lists);
  expect(node.canAsk()).toBe(true);
  network.fullPeers = () => [];
  expect(node.canAsk()).toBe(false);
  await node.lookup(id);
  stop();
  expect(node.canAsk()).toBe(false);
  await node.lookup(id);
  expect(asked).toEqual([]);
  expect(node.isSettled(id)).toBe(false);
  expect(node.askedAbout([id])).toBeUndefined();
});

it("five full nodes are asked about an id, however many there are", async () => {
  const lists = new Map(Array.from({ length: 8 }, (_, at) => [`p${at}`, mine] as const));
  const { node, network } = await lightNode(lists);
  await node.lookup(id);
  expect(node.about(id).asked).toHaveLength(5);
  expect(node.choosePeers(network, 2)).toHaveLength(2);
});

it("two who ask about the same share one survey, and who gives up takes nobody else's answer away", async () => {
  const { node, asked } = await lightNode(new Map([["a", mine]]));
  await Promise.all([node.lookup(id), node.lookup(id.toUpperCase())]);
  expect(asked.filter(({ of }) => of === id)).toHaveLength(1);

  const hurried = await lightNode(new Map([["a", mine]]));
  const cancel = new AbortController();
  const hanging = Promise.withResolvers<Uint8Array[]>();
  hurried.network.operationsOf = () => hanging.promise;
  const both = Promise.allSettled([hurried.node.lookup(id, cancel.signal), hurried.node.lookup(id)]);
  cancel.abort(new Error("never mind"));
  expect(await both).toMatchObject([
    { status: "rejected", reason: { message: "never mind" } },
    { status: "fulfilled" },
  ]);
  expect(hurried.node.askedAbout([id])).toBeUndefined();
});

it("a refusal of ours ends every lookup that waits for it", async () => {
  const { node, network } = await lightNode(new Map([["a", mine]]));
  network.fullPeers = () => {
    throw new GgenError("network.protocol", "the network was stopped");
  };
  await expect(node.lookup(id)).rejects.toMatchObject({ code: "network.protocol" });
});

it("those whom the user knows are asked about, also when no peer names them", async () => {
  const publisher = ownerOf(mine);
  // Names nobody, and has the records all the same.
  const { node, catalog, network, operationsOf, asked, pass } = await lightNode(new Map([["hides", mine]]));
  network.operationsOf = async (peerId, selector, options) =>
    "package" in selector ? [] : operationsOf(peerId, selector, options);
  await node.lookup(id);
  expect(catalog.entry(id)).toBeUndefined();
  catalog.pinOwner(id, publisher);
  pass(5000);
  await node.lookup(id);
  expect(asked.map(({ of }) => of)).toEqual([publisher]);
  expect(catalog.entry(id)?.claimants.map((claimant) => claimant.publisher)).toEqual([publisher]);
  // The one peer did not name who is known to claim it.
  expect(node.about(id).lacking).toEqual(["hides"]);
});

it("a claimant whom the node follows is asked about, another is not unless a peer names it", async () => {
  const { node, catalog, network, operationsOf, asked, pass } = await lightNode(
    new Map([["hides", [...mine, ...theirs]]]),
  );
  await catalog.accept(
    [...mine, ...theirs].map(({ envelope }) => envelope),
    { via: "sync" },
  );
  catalog.setTrust(ownerOf(mine), { trusted: true });
  network.operationsOf = async (peerId, selector, options) =>
    "package" in selector ? [] : operationsOf(peerId, selector, options);
  await node.lookup(id);
  expect(asked.map(({ of }) => of)).toEqual([ownerOf(mine)]);
  pass(5000);
  catalog.setTrust(ownerOf(mine), { trusted: false });
  await node.lookup(id);
  expect(asked).toHaveLength(1);
});

it("own, trusted and pinned publishers are followed", async () => {
  const own = [ownerOf(mine)];
  const { node, catalog } = await lightNode(new Map(), own);
  expect(node.followed()).toEqual(new Set());
  expect(await node.readOwn()).toEqual(new Set(own));
  catalog.setTrust(ownerOf(theirs), { trusted: true });
  catalog.pinOwner("io.example.other", ownerOf(unrelated));
  expect(node.followed()).toEqual(new Set([ownerOf(mine), ownerOf(theirs), ownerOf(unrelated)]));
  const started = await lightNode(new Map(), own);
  await started.node.begin();
  expect(started.node.followed()).toEqual(new Set(own));
});

it("a new node waits for full nodes to ask, one that runs for a while does not", async () => {
  const lists = new Map<string, readonly SignedOperation[]>();
  const { node, met, pass, network } = await lightNode(lists);
  // Never started: it is asked offline.
  await node.awaitPeers(network);
  await node.begin();
  let waits = true;
  const waiting = node.awaitPeers(network).then(() => (waits = false));
  lists.set("a", mine);
  met();
  await systemClock.sleep(0);
  expect(waits).toBe(true);
  lists.set("b", mine);
  met();
  await waiting;
  lists.clear();
  pass(9999);
  const cancel = new AbortController();
  const late = node.awaitPeers(network, cancel.signal);
  cancel.abort(new Error("never mind"));
  await expect(late).rejects.toThrow("never mind");
  pass(1);
  await node.awaitPeers(network);
});

it("of two that are asked one has to answer, of more two; only who is late has failed", async () => {
  const { node, evidence } = await lightNode(new Map());
  const { signal } = new AbortController();
  expect([1, 2, 3, 5].map((count) => node.patience(count, "it", signal).enough)).toEqual([1, 1, 2, 2]);
  const { onFailed } = node.patience(5, "it", signal);
  onFailed("late", new Error("it did not answer in time"));
  onFailed("cut", new GgenError("aborted", "cancelled"));
  onFailed("refused", new GgenError("network.protocol", "nonsense"));
  expect(["late", "cut", "refused"].map((peerId) => evidence.of(peerId).failures)).toEqual([1, 1, 0]);
});
