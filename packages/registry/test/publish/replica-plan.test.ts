import { expect, it } from "vitest";

import { choosePeers, distinctHolders, noteChallenge, type ProvenHolder } from "../../src/publish/replica-plan.ts";

const holder = (peerId: string, group: string, provenAt = 1): ProvenHolder => ({ peerId, group, provenAt, missed: 0 });
const none: ReadonlySet<string> = new Set();

it("counts one holder of each network: several of one are lost together", () => {
  const holders = [holder("a", "10.0.0", 1), holder("b", "10.0.0", 2), holder("c", "10.0.1")];
  expect(distinctHolders(holders).map(({ peerId }) => peerId)).toEqual(["b", "c"]);
});

it("asks one peer of each network that has no copy, as many as are missing and one to spare", () => {
  const peers = ["a 1", "b 1", "c 2", "d 3", "e 4", "f 5"].map((text) => {
    const [peerId = "", group] = text.split(" ");
    return { peerId, group };
  });
  expect(choosePeers(peers, [holder("x", "2")], none, 2)).toEqual(["a", "d"]);
  expect(choosePeers(peers, [holder("x", "2")], new Set(["a"]), 2)).toEqual(["b", "d"]);
  expect(choosePeers(peers, [holder("x", "2"), holder("y", "3")], none, 2)).toEqual([]);
  expect(choosePeers([{ peerId: "gone", group: undefined }], [], none, 1)).toEqual([]);
});

it("a hundred peers of one network are one replica", () => {
  const peers = Array.from({ length: 100 }, (_, at) => ({ peerId: `sybil${at}`, group: "6.6.6" }));
  expect(choosePeers(peers, [], none, 3)).toEqual(["sybil0"]);
  const proven = peers.map(({ peerId, group }) => holder(peerId, group));
  expect(choosePeers(peers, proven, none, 3)).toEqual([]);
  expect(distinctHolders(proven)).toHaveLength(1);
});

it("a holder is gone after two challenges without an answer, or one wrong answer", () => {
  const before = [holder("a", "1")];
  const once = noteChallenge(before, "a", { proven: false, lied: false }, 5);
  expect(once).toEqual([{ ...holder("a", "1"), missed: 1 }]);
  expect(noteChallenge(once, "a", { proven: false, lied: false }, 6)).toEqual([]);
  expect(noteChallenge(before, "a", { proven: false, lied: true }, 5)).toEqual([]);
  expect(noteChallenge(once, "a", { proven: true, group: "2" }, 7)).toEqual([holder("a", "2", 7)]);
});
