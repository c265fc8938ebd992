import { randomBytes } from "node:crypto";

import { describe, expect, it } from "vitest";

import { connect, startNode, TestPublisher } from "./support/node.ts";

describe("two nodes", () => {
  it("connect and make their catalogues equal, both ways", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    const one = new TestPublisher(1);
    const two = new TestPublisher(2);
    await a.operations.accept([one.genesis, one.next(), one.next()], { via: "local" });
    await b.operations.accept([two.genesis, two.next()], { via: "local" });
    await connect(a, b);
    expect(a.operations.fingerprint()).toBe(b.operations.fingerprint());
    expect(a.operations.held.size).toBe(5);
    const [peer] = await a.behaviour.peers();
    expect(peer).toMatchObject({ connected: true, direction: "outbound", synced: true, discoveredBy: "manual" });
    expect(peer?.agent).toBe("ggen/2.4.0");
  });

  it("fetch a content of one chunk and one of many", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    await connect(b, a);
    for (const size of [10, 5 * 1024 * 1024 + 17]) {
      const bytes = randomBytes(size);
      const content = a.contents.put(bytes);
      const writer = await b.contents.open(content);
      const report = await b.behaviour.download(writer);
      await writer.finish();
      expect(report.perPeer).toEqual([{ peerId: a.behaviour.peerId, bytes: size }]);
      expect(Buffer.compare(b.contents.bytes(content.cid), bytes)).toBe(0);
    }
  });
});

describe("gossip", () => {
  it("reaches all of three nodes in a line", async () => {
    const [a, b, c] = await Promise.all([startNode(), startNode(), startNode()]);
    await connect(a, b);
    await connect(b, c);
    const publisher = new TestPublisher(3);
    const all = Promise.all([b.operations.holds(2), c.operations.holds(2)]);
    await a.operations.accept([publisher.genesis], { via: "local" });
    const envelope = publisher.next();
    await a.operations.accept([envelope], { via: "local" });
    expect(await a.behaviour.announce(publisher.genesis)).toBeGreaterThan(0);
    expect(await a.behaviour.announce(envelope)).toBeGreaterThan(0);
    await all;
  });
});
