import { randomBytes } from "node:crypto";

import { fromHex, protocols, sha256 } from "@ggen/p2p-types";
import { generateKeyPair } from "@libp2p/crypto/keys";
import { peerIdFromPrivateKey } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Neighbourhood } from "../../src/routing/neighbourhood.ts";
import { decodeCloserPeers, maxFindNodeBytes } from "../../src/wire/find-node.ts";
import { fieldHead, varintField } from "../../src/wire/protobuf.ts";
import { encodeVarint } from "../../src/wire/varint.ts";
import { identified, startNode, type TestNode } from "../support/node.ts";
import { isReset, startRawPeer } from "../support/raw-peer.ts";

async function meet(from: TestNode, to: TestNode): Promise<void> {
  const known = Promise.all([identified(from, to.behaviour.peerId), identified(to, from.behaviour.peerId)]);
  await from.behaviour.dial(to.address());
  await known;
}

/** A network of its own: each node knows only the one before the half of its place. */
async function startNetwork(size: number): Promise<[TestNode, ...TestNode[]]> {
  const nodes: [TestNode, ...TestNode[]] = [await startNode()];
  while (nodes.length < size) {
    const above = nodes[Math.floor((nodes.length - 1) / 2)] as TestNode;
    const node = await startNode();
    await meet(node, above);
    nodes.push(node);
  }
  return nodes;
}

async function isFound(by: TestNode, digest: Uint8Array, holder: TestNode): Promise<boolean> {
  for await (const { peerId } of by.behaviour.findProviders(digest)) {
    if (peerId === holder.behaviour.peerId) return true;
  }
  return false;
}

describe("two networks that meet at one connection", () => {
  it("are one: whatever was said in either is found in the other", async () => {
    const [left, right] = await Promise.all([startNetwork(10), startNetwork(10)]);
    const digests = left.map(() => sha256(randomBytes(8)));
    for (const [place, holder] of left.entries()) await holder.behaviour.provide(digests[place] ?? new Uint8Array());

    await meet(left.at(-1) as TestNode, right.at(-1) as TestNode);
    for (const [place, holder] of left.entries()) {
      const lookUp = (): Promise<boolean> =>
        isFound(right[place] as TestNode, digests[place] ?? new Uint8Array(), holder);
      await expect.poll(lookUp, { timeout: 20_000, interval: 50 }).toBe(true);
    }
  }, 120_000);

  it("remember what two nodes told each other before", async () => {
    const [[holder], many] = await Promise.all([startNetwork(2), startNetwork(12)]);
    await holder.behaviour.provide(sha256(randomBytes(8)));
    await meet(holder, many[0]);
    const remembered = async (): Promise<number> => {
      const all = await Promise.all(many.map(({ behaviour }) => behaviour.stats()));
      return all.reduce((sum, { dhtEntries }) => sum + dhtEntries, 0);
    };
    await expect.poll(remembered, { timeout: 20_000, interval: 50 }).toBeGreaterThan(4);
  }, 120_000);
});

describe("the neighbourhood", () => {
  const key = (n: number): Uint8Array => sha256(Uint8Array.of(n, n >> 8));
  const named = (n: number) => ({ peerId: `peer-${n}`, addresses: ["/ip4/127.0.0.1/tcp/1"], key: key(n) });
  const distance = (n: number): bigint =>
    BigInt(`0x${Buffer.from(sha256(key(n))).toString("hex")}`) ^
    BigInt(`0x${Buffer.from(sha256(key(0))).toString("hex")}`);

  it("chooses who is closer than the farthest of the closest, each once, never itself or who is connected", () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 0, max: 999 }), { maxLength: 40 });
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 1, max: 8 }), (connected, offered, size) => {
        const neighbourhood = new Neighbourhood(key(0), size);
        for (const n of connected) neighbourhood.add(`peer-${n}`, key(n));
        const near = connected.map(distance).toSorted((a, b) => (a < b ? -1 : 1));
        const bound = near[size - 1];
        const expected = offered
          .filter((n) => n !== 0 && !connected.includes(n) && (bound === undefined || distance(n) < bound))
          .toSorted((a, b) => (distance(a) < distance(b) ? -1 : 1))
          .slice(0, size)
          .map((n) => `peer-${n}`);
        expect(neighbourhood.choose(offered.map(named)).map(({ peerId }) => peerId)).toEqual(expected);
        const again = neighbourhood.choose(offered.map(named)).map(({ peerId }) => peerId);
        expect(again.filter((peerId) => expected.includes(peerId))).toEqual([]);
      }),
    );
  });

  it("has room again when a neighbour has gone", () => {
    const neighbourhood = new Neighbourhood(key(0), 1);
    const [near = 0, far = 0] = [1, 2].toSorted((a, b) => (distance(a) < distance(b) ? -1 : 1));
    neighbourhood.add(`peer-${near}`, key(near));
    expect(neighbourhood.choose([named(far)])).toEqual([]);
    neighbourhood.remove(`peer-${near}`);
    expect(neighbourhood.choose([named(far)])).toHaveLength(1);
  });

  it("chooses one again that could not be reached", () => {
    const neighbourhood = new Neighbourhood(key(0), 8);
    const [chosen] = neighbourhood.choose([named(1)]);
    expect(neighbourhood.choose([named(1)])).toEqual([]);
    neighbourhood.forget(chosen?.peerId ?? "");
    expect(neighbourhood.choose([named(1)])).toHaveLength(1);
  });
});

describe("an answer to FIND_NODE", () => {
  const field = (number: number, bytes: Uint8Array): Uint8Array =>
    Buffer.concat([fieldHead(number, bytes.byteLength), bytes]);
  const peer = (id: Uint8Array, addresses: readonly Uint8Array[]): Uint8Array =>
    field(8, Buffer.concat([field(1, id), ...addresses.map((address) => field(2, address))]));
  const address = multiaddr("/ip4/127.0.0.1/tcp/4001").bytes;

  it("names peers with their addresses; what cannot be read of one is left out", async () => {
    const id = peerIdFromPrivateKey(await generateKeyPair("Ed25519"));
    const bytes = id.toMultihash().bytes;
    const answer = Buffer.concat([
      varintField(1, 4),
      peer(bytes, [fromHex("ffff"), address, new Uint8Array(600)]),
      peer(fromHex("00"), [address]),
      peer(bytes, []),
      field(8, new Uint8Array()),
    ]);
    expect(decodeCloserPeers(answer)).toEqual([{ peerId: id.toString(), addresses: ["/ip4/127.0.0.1/tcp/4001"] }]);
  });

  it("names twenty at most, with sixteen addresses at most", async () => {
    const bytes = peerIdFromPrivateKey(await generateKeyPair("Ed25519")).toMultihash().bytes;
    const many = Array.from({ length: 100 }, () =>
      peer(
        bytes,
        Array.from({ length: 40 }, () => address),
      ),
    );
    const peers = decodeCloserPeers(Buffer.concat(many));
    expect(peers).toHaveLength(20);
    expect(Math.max(...peers.map(({ addresses }) => addresses.length))).toBe(16);
  });

  it("of another kind is refused", () => {
    expect(() => decodeCloserPeers(varintField(1, 3))).toThrow(
      expect.objectContaining({ code: "network.protocol", got: "3" }),
    );
  });

  it("of any bytes is read or refused, never anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        try {
          for (const { peerId } of decodeCloserPeers(bytes)) expect(peerId).toMatch(/^[1-9A-HJ-NP-Za-z]+$/);
        } catch (error) {
          expect(error).toMatchObject({ code: "network.protocol" });
        }
      }),
    );
  });

  it("over the limit ends the stream, and the next peer is asked", async () => {
    const node = await startNode();
    const raw = await startRawPeer();
    const ended = new Promise<void>((resolve, reject) => {
      void raw.handle(protocols.dht, (stream) => {
        const whole = encodeVarint(maxFindNodeBytes + 1);
        stream.addEventListener("message", () => void stream.send(whole));
        isReset(stream).then(resolve, reject);
      });
    });
    await raw.dial(multiaddr(node.address()));
    await ended;

    const [first, second] = await startNetwork(2);
    await meet(first, node);
    const peers = async (): Promise<string[]> => node.behaviour.connectedPeers();
    await expect.poll(peers, { timeout: 10_000, interval: 50 }).toContain(second?.behaviour.peerId);
  }, 30_000);
});
