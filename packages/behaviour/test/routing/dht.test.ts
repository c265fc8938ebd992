import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { protocols, sha256, toHex } from "@ggen/p2p-types";
import { identify } from "@libp2p/identify";
import { kadDHT, passthroughMapper } from "@libp2p/kad-dht";
import { ping } from "@libp2p/ping";
import { tcp } from "@libp2p/tcp";
import { tls } from "@libp2p/tls";
import { yamux } from "@libp2p/yamux";
import { multiaddr } from "@multiformats/multiaddr";
import { createLibp2p } from "libp2p";
import { CID } from "multiformats/cid";
import { create } from "multiformats/hashes/digest";
import { describe, expect, it, onTestFinished } from "vitest";

import { connect, startNode, type TestNode } from "../support/node.ts";

async function providersOf(node: TestNode, digest: Uint8Array): Promise<string[]> {
  const found: string[] = [];
  for await (const { peerId } of node.behaviour.findProviders(digest)) found.push(peerId);
  return found;
}

/** A bare DHT node of the same protocol, without our limits. */
async function startBareDht() {
  const bare = await createLibp2p({
    addresses: { listen: ["/ip4/127.0.0.1/tcp/0"] },
    transports: [tcp()],
    connectionEncrypters: [tls()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      ping: ping({ maxInboundStreams: 64, maxOutboundStreams: 64 }),
      dht: kadDHT({
        protocol: protocols.dht,
        clientMode: false,
        peerInfoMapper: passthroughMapper,
        initialQuerySelfInterval: 100,
        validators: { ggen: () => {} },
        selectors: { ggen: () => 0 },
      }),
    },
  });
  onTestFinished(() => bare.stop());
  return bare;
}

describe("provider records", () => {
  it("are found by a third node, with addresses to dial", async () => {
    const [a, b, c] = await Promise.all([startNode(), startNode(), startNode()]);
    await connect(a, b);
    await connect(c, b);
    const digest = sha256(randomBytes(8));
    expect(await a.behaviour.provide(digest)).toBeGreaterThan(0);
    const found = [];
    for await (const provider of c.behaviour.findProviders(digest)) found.push(provider);
    expect(found.map(({ peerId }) => peerId)).toEqual([a.behaviour.peerId]);
    expect(found[0]?.addresses.length).toBeGreaterThan(0);
    const { dhtQueries, dhtQuerySuccessRate } = await c.behaviour.stats();
    expect({ dhtQueries, dhtQuerySuccessRate }).toEqual({ dhtQueries: 1, dhtQuerySuccessRate: 1 });
  });

  it("said before there is any peer are given to the first that comes", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    const digest = sha256(randomBytes(8));
    expect(await a.behaviour.provide(digest)).toBe(0);
    expect(await providersOf(a, digest)).toEqual([]);
    await connect(b, a);
    await expect.poll(() => providersOf(b, digest), { interval: 50 }).toEqual([a.behaviour.peerId]);
  });

  it("lead a download to a holder that was not connected", async () => {
    const [holder, middle, asker] = await Promise.all([startNode(), startNode(), startNode()]);
    await connect(holder, middle);
    const content = holder.contents.put(randomBytes(100));
    await holder.behaviour.provide(CID.parse(content.cid).multihash.digest);
    await connect(asker, middle);
    const writer = await asker.contents.open(content);
    const report = await asker.behaviour.download(writer);
    expect(report.perPeer).toEqual([{ peerId: holder.behaviour.peerId, bytes: 100 }]);
  });

  it("are known to the node that says them, over a restart, until they are withdrawn", async () => {
    const parts = { datastorePath: join(await mkdtemp(join(tmpdir(), "ggen-dht-")), "p2p.db"), seed: randomBytes(32) };
    onTestFinished(() => rm(dirname(parts.datastorePath), { recursive: true }));
    const [first, other] = await Promise.all([startNode({}, parts), startNode()]);
    await connect(first, other);
    const [kept, gone] = [sha256(randomBytes(8)), sha256(randomBytes(8))];
    for (const digest of [kept, gone]) await first.behaviour.provide(digest);
    await other.behaviour.provide(sha256(randomBytes(8)));
    expect(first.behaviour.provided().toSorted()).toEqual([toHex(kept), toHex(gone)].toSorted());
    await first.behaviour.stop();

    const again = await startNode({}, parts);
    await again.behaviour.withdraw(gone);
    expect(again.behaviour.provided()).toEqual([toHex(kept)]);
  });
});

describe("a hostile DHT peer", () => {
  it("cannot store a value, though kad-dht by itself would take it", async () => {
    const node = await startNode();
    const [bare, victim] = await Promise.all([startBareDht(), startBareDht()]);
    const key = new TextEncoder().encode("/ggen/key");
    await bare.dial(multiaddr(node.address()));
    const [victimAddress] = victim.getMultiaddrs();
    if (victimAddress === undefined) throw new Error("no address");
    await bare.dial(victimAddress);
    const refused = new Set<string>();
    const took = new Set<string>();
    await expect
      .poll(async () => {
        for await (const event of bare.services.dht.put(key, randomBytes(100))) {
          if (event.name === "QUERY_ERROR") refused.add(event.from.toString());
          if (event.name === "PEER_RESPONSE" && event.messageName === "PUT_VALUE") took.add(event.from.toString());
        }
        return [took.size > 0, refused.has(node.behaviour.peerId)];
      })
      .toEqual([true, true]);
    expect(took.has(node.behaviour.peerId)).toBe(false);
  });

  it("cannot plant more provider records than its quota", async () => {
    const node = await startNode();
    const bare = await startBareDht();
    const connection = await bare.dial(multiaddr(node.address()));
    const { encode } = await import("../support/kad-message.ts");
    const send = async (count: number): Promise<void> => {
      for (let sent = 0; sent < count; sent += 1) {
        const stream = await connection.newStream(protocols.dht);
        const key = create(0x12, sha256(randomBytes(8))).bytes;
        stream.send(encode({ key, peerId: bare.peerId.toMultihash().bytes, address: bare.getMultiaddrs()[0]?.bytes }));
        await stream.close();
      }
    };
    await send(1050);
    await expect.poll(async () => (await node.behaviour.stats()).dhtEntries).toBe(1000);
  }, 30_000);
});
