import { decode, encode } from "@ipld/dag-cbor";
import { describe, expect, it } from "vitest";

import { createEnvelopeVerdicts } from "../../src/gossip/verdicts.ts";
import { gossipOptions } from "../../src/gossip/gossip-options.ts";
import { settle } from "../../src/node/init.ts";
import { connect, startNode, TestPublisher } from "../support/node.ts";

/** The same operation with a signature that is wrong. */
function forge(envelope: Uint8Array): Uint8Array {
  const value = decode<{ op: Uint8Array; sigs: { key: Uint8Array; sig: Uint8Array }[] }>(envelope);
  const [first] = value.sigs;
  if (first !== undefined) first.sig = Uint8Array.from(first.sig, (byte, index) => (index === 5 ? byte ^ 1 : byte));
  return encode(value);
}

describe("gossip", () => {
  it("of a forged operation is refused, blamed on its sender, and does not hide the real one", async () => {
    const [sender, receiver] = await Promise.all([startNode(), startNode()]);
    await connect(sender, receiver);
    const publisher = new TestPublisher(7);
    const real = publisher.next();
    await expect.poll(() => sender.behaviour.announce(publisher.genesis), { interval: 50 }).toBe(1);
    await receiver.operations.holds(1);
    const stored = receiver.operations.holds(2);
    expect(await sender.behaviour.announce(forge(real))).toBe(1);
    expect(await sender.behaviour.announce(real)).toBe(1);
    await stored;
    expect(receiver.operations.held.size).toBe(2);
    expect(receiver.evidence.filter(({ kind }) => kind === "lie")).toEqual([
      expect.objectContaining({ peerId: sender.behaviour.peerId }),
    ]);
    const stats = await receiver.behaviour.stats();
    expect(stats.gossipReceived).toBeGreaterThanOrEqual(2);
  });

  it("gives a forgery another id than the operation that it imitates", () => {
    const options = gossipOptions(settle({}), createEnvelopeVerdicts());
    const real = new TestPublisher(8).next();
    const id = (data: Uint8Array): unknown => options.msgIdFn?.({ type: "unsigned", topic: "t", data });
    expect(id(forge(real))).not.toEqual(id(real));
    expect(id(new Uint8Array(10))).toBeInstanceOf(Uint8Array);
  });

  it("of an operation whose publisher is unknown makes the receiver fetch the publisher", async () => {
    const [sender, receiver] = await Promise.all([startNode(), startNode()]);
    await connect(sender, receiver);
    const publisher = new TestPublisher(9);
    const envelopes = [publisher.genesis, publisher.next(), publisher.next()];
    await sender.operations.accept(envelopes, { via: "local" });
    // Until both have joined the topic an announcement is pushed, and nothing is fetched.
    const other = new TestPublisher(12);
    const gossiped = async (): Promise<number> => {
      await sender.behaviour.announce(other.next());
      return (await receiver.behaviour.stats()).gossipReceived;
    };
    await expect.poll(gossiped, { interval: 50, timeout: 10_000 }).toBeGreaterThan(0);
    await sender.behaviour.announce(envelopes[2] ?? new Uint8Array());
    const origins = (): string[] => [...receiver.operations.origins.values()];
    await expect.poll(origins, { interval: 20, timeout: 10_000 }).toContain("fetch");
  });

  it("right after connecting reaches the peer directly, who passes it on", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    const publisher = new TestPublisher(10);
    await a.operations.accept([publisher.genesis], { via: "local" });
    await connect(a, b);
    expect(b.operations.held.size).toBe(1);
    const envelope = publisher.next();
    const stored = b.operations.holds(2);
    expect(await a.behaviour.announce(envelope)).toBe(1);
    await stored;
  });

  it("is counted, and without any peer reaches nobody", async () => {
    const node = await startNode();
    expect(await node.behaviour.announce(new TestPublisher(11).genesis)).toBe(0);
    const { gossipSent, gossipDeliveryRate } = await node.behaviour.stats();
    expect({ gossipSent, gossipDeliveryRate }).toEqual({ gossipSent: 1, gossipDeliveryRate: 0 });
  });
});
