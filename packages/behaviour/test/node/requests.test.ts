import { randomBytes } from "node:crypto";

import { protocols } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { FrameStream } from "../../src/stream/frame-stream.ts";
import { encodeOperationAnswer } from "../../src/wire/operation-messages.ts";
import { connect, startNode, TestPublisher } from "../support/node.ts";
import { startRawPeer } from "../support/raw-peer.ts";

describe("requests to a peer", () => {
  it("list and push operations", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    await connect(a, b);
    const publisher = new TestPublisher(20);
    const envelopes = [publisher.genesis, ...Array.from({ length: 600 }, () => publisher.next())];
    await b.operations.accept(envelopes, { via: "local" });
    const some = await a.behaviour.operationsOf(b.behaviour.peerId, { publisher: publisher.id });
    expect(some).toHaveLength(512);
    const two = await a.behaviour.operationsOf(b.behaviour.peerId, { package: "io.example.package" }, { limit: 2 });
    expect(two).toHaveLength(2);
    const [first] = two;
    expect([...b.operations.held.values()].map(({ envelope }) => Buffer.from(envelope))).toContainEqual(
      Buffer.from(first ?? []),
    );
    // Of a publisher that neither has: a comparison of their catalogues may bring the others meanwhile.
    const news = new TestPublisher(23);
    const pushed = await b.behaviour.pushOperations(a.behaviour.peerId, [news.genesis, news.next(), randomBytes(9)]);
    expect(pushed).toEqual({ accepted: 2, known: 0, deferred: 0, rejected: 1 });
    expect(a.evidence).toContainEqual(expect.objectContaining({ kind: "lie", peerId: b.behaviour.peerId }));
  });

  it("list page after page, far ones not often", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    await connect(a, b);
    const publisher = new TestPublisher(22);
    const envelopes = [publisher.genesis, ...Array.from({ length: 600 }, () => publisher.next())];
    await b.operations.accept(envelopes, { via: "local" });
    const some = await a.behaviour.operationsOf(b.behaviour.peerId, { publisher: publisher.id });
    const rest = await a.behaviour.operationsOf(b.behaviour.peerId, { publisher: publisher.id }, { offset: 512 });
    expect(new Set([...some, ...rest].map((envelope) => Buffer.from(envelope).toString("hex"))).size).toBe(601);
    const none = await a.behaviour.operationsOf(b.behaviour.peerId, { publisher: publisher.id }, { offset: 200_000 });
    expect(none).toEqual([]);
    // What is left out is read all the same: far pages are soon refused.
    const far = Array.from({ length: 3 }, () =>
      a.behaviour.operationsOf(b.behaviour.peerId, { publisher: publisher.id }, { offset: 200_000 }),
    );
    await expect(Promise.all(far)).rejects.toMatchObject({ name: "GgenError" });
  });

  it("search its catalogue", async () => {
    const publisher = new TestPublisher(21);
    const b = await startNode(
      {},
      {
        searchLocal: (query) =>
          Promise.resolve({ envelopes: query.text === "rust" ? [publisher.genesis] : [], total: 17 }),
      },
    );
    const a = await startNode();
    await connect(a, b);
    const answer = await a.behaviour.searchPeer(b.behaviour.peerId, { text: "rust", tags: ["cli"], limit: 5 });
    expect(answer.total).toBe(17);
    expect(answer.envelopes.map((envelope) => Buffer.from(envelope))).toEqual([Buffer.from(publisher.genesis)]);
    expect((await a.behaviour.stats()).requestLatencyMs).toBeGreaterThan(0);
  });

  it("prove possession: a holder can, one without the bytes cannot", async () => {
    const [a, holder, bluffer] = await Promise.all([startNode(), startNode(), startNode()]);
    await connect(a, holder);
    await connect(a, bluffer);
    for (const size of [100, 5 * 1024 * 1024]) {
      const bytes = randomBytes(size);
      const content = a.contents.put(bytes);
      holder.contents.put(bytes);
      bluffer.contents.put(bytes);
      bluffer.contents.onRead = (_cid, _digest, block) =>
        Promise.resolve(block === undefined ? undefined : new Uint8Array(block.byteLength));
      expect(await a.behaviour.askReceipt(holder.behaviour.peerId, content.cid)).toBe(true);
      expect(await a.behaviour.askReceipt(bluffer.behaviour.peerId, content.cid)).toBe(false);
    }
    const elsewhere = holder.contents.put(randomBytes(5));
    await expect(a.behaviour.askReceipt(holder.behaviour.peerId, elsewhere.cid)).rejects.toMatchObject({
      code: "content.missing",
    });
  });

  it("ask for a copy: who takes none says so, who does answers what it decided", async () => {
    const asked: string[] = [];
    const onCopyAsked = (operation: string, peerId: string): "coming" => {
      asked.push(operation, peerId);
      return "coming";
    };
    const [a, none, mirror] = await Promise.all([startNode(), startNode(), startNode({}, { onCopyAsked })]);
    await connect(a, none);
    await connect(a, mirror);
    const operation = "ab".repeat(32);
    expect(await a.behaviour.askCopy(none.behaviour.peerId, operation)).toBe("no");
    expect(await a.behaviour.askCopy(mirror.behaviour.peerId, operation)).toBe("coming");
    expect(asked).toEqual([operation, a.behaviour.peerId]);
    expect(a.behaviour.addressGroup(mirror.behaviour.peerId)).toBe("127.0.0");
    expect(mirror.behaviour.addressGroup("12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo")).toBeUndefined();
  });

  it("ask whether it holds a whole content", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    await connect(a, b);
    const whole = b.contents.put(randomBytes(3 * 1024 * 1024));
    const part = b.contents.put(randomBytes(3 * 1024 * 1024));
    b.contents.forgetLeaves(part.cid, [1]);
    const none = a.contents.put(randomBytes(10));
    const answers = [whole, part, none].map((content) => a.behaviour.holds(b.behaviour.peerId, content));
    expect(await Promise.all(answers)).toEqual([true, false, false]);
  });

  it("to one that answers nonsense fail as broken protocol", async () => {
    const a = await startNode();
    const raw = await startRawPeer();
    await raw.handle(protocols.operations, async (stream) => {
      const frames = new FrameStream(stream, 1024);
      await frames.next();
      for (;;) await frames.send(encodeOperationAnswer({ envelopes: [new Uint8Array(100)] }));
    });
    const address = raw.getMultiaddrs()[0]?.toString() ?? "";
    const peerId = await a.behaviour.dial(address);
    const asked = a.behaviour.operationsOf(peerId, { package: "x" }, { limit: 3 });
    await expect(asked).rejects.toMatchObject({ code: "network.protocol" });
    expect(a.evidence).toContainEqual({ kind: "failure", peerId, reason: "network.protocol" });
  });

  it("to one that does not speak ours say so", async () => {
    const a = await startNode();
    const raw = await startRawPeer();
    const peerId = await a.behaviour.dial(raw.getMultiaddrs()[0]?.toString() ?? "");
    await expect(a.behaviour.searchPeer(peerId, {})).rejects.toMatchObject({ code: "network.dial-failed" });
  });
});
