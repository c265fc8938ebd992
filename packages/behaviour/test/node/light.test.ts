import { protocols } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createEnvelopeVerdicts } from "../../src/gossip/verdicts.ts";
import { gossipOptions } from "../../src/gossip/gossip-options.ts";
import { settle } from "../../src/node/init.ts";
import { identified, startNode, type TestNode, TestPublisher } from "../support/node.ts";

const light = { catalog: { mode: "light" } } as const;

/** Connects two nodes, and resolves when both know each other's protocols. */
async function meet(from: TestNode, to: TestNode): Promise<void> {
  const both = Promise.all([identified(from, to.behaviour.peerId), identified(to, from.behaviour.peerId)]);
  await from.behaviour.dial(to.address());
  await both;
}

describe("a light node", () => {
  it("compares its catalogue with nobody, whoever dials, and is taken for a full one by nobody", async () => {
    const [full, a, b] = await Promise.all([startNode(), startNode(light), startNode(light)]);
    const publisher = new TestPublisher(40);
    await full.operations.accept([publisher.genesis, publisher.next()], { via: "local" });
    const sessions: string[] = [];
    for (const node of [full, a, b]) node.behaviour.onSync(({ peerId }) => void sessions.push(peerId));
    await meet(a, full);
    await meet(full, b);
    await meet(a, b);
    for (const node of [a, b]) expect(node.behaviour.fullPeers()).toEqual([full.behaviour.peerId]);
    expect(full.behaviour.fullPeers()).toEqual([]);
    await expect(full.behaviour.syncWith(a.behaviour.peerId)).rejects.toMatchObject({ name: "GgenError" });
    expect(sessions).toEqual([a.behaviour.peerId]);
    expect([a.operations.held.size, b.operations.held.size]).toEqual([0, 0]);
    // What it asks for it is given, and what it holds it gives.
    expect(await a.behaviour.operationsOf(full.behaviour.peerId, { publisher: publisher.id })).toHaveLength(2);
    await b.operations.accept([publisher.genesis], { via: "fetch" });
    expect(await a.behaviour.operationsOf(b.behaviour.peerId, { publisher: publisher.id })).toHaveLength(1);
  });

  it("hears what is announced, and asks nobody for the publishers of what it leaves alone", async () => {
    const [full, node] = await Promise.all([startNode(), startNode(light)]);
    await meet(node, full);
    const publisher = new TestPublisher(41);
    await full.operations.accept([publisher.genesis], { via: "local" });
    const announced = async (): Promise<number> => {
      await full.behaviour.announce(publisher.next());
      return (await node.behaviour.stats()).gossipReceived;
    };
    let listed = 0;
    const idsOf = full.operations.idsOf.bind(full.operations);
    full.operations.idsOf = (selector, limit) => {
      listed += 1;
      return idsOf(selector, limit);
    };
    node.operations.defers = true;
    await expect.poll(announced, { interval: 50, timeout: 20_000 }).toBeGreaterThan(1);
    expect(node.operations.held.size).toBe(0);
    expect(listed).toBe(0);
    node.operations.defers = false;
    await expect
      .poll(
        async () => {
          await announced();
          return [...node.operations.origins.values()];
        },
        { interval: 50, timeout: 20_000 },
      )
      .toContain("fetch");
  });

  it("has no mesh, so that nobody sends news to it in place of somebody who would pass it on", () => {
    const options = gossipOptions(settle(light), createEnvelopeVerdicts());
    expect(options).toMatchObject({ D: 0, Dlo: 0, Dhi: 0, Dscore: 0, Dout: 0 });
    expect(gossipOptions(settle({}), createEnvelopeVerdicts())).toMatchObject({ D: 6, Dlo: 4, Dhi: 12 });
  });

  it("speaks everything but the protocol of comparisons", async () => {
    const [full, node] = await Promise.all([startNode(), startNode(light)]);
    await meet(node, full);
    const [seen] = await full.behaviour.peers();
    expect(seen?.protocols).toEqual(expect.arrayContaining([protocols.operations, protocols.chunks, protocols.search]));
    expect(seen?.protocols).not.toContain(protocols.sync);
  });
});
