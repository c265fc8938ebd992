import { execFile } from "node:child_process";
import { createServer } from "node:net";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it, onTestFinished, vi } from "vitest";

import { connect, identified, startNode } from "../support/node.ts";

describe("start", () => {
  it("of a port that is taken names the address", async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    });
    onTestFinished(() => void server.close());
    const address = `/ip4/127.0.0.1/tcp/${port}`;
    const node = await startNode({ p2p: { listenAddresses: [address] } }, { start: false });
    await expect(node.behaviour.start()).rejects.toMatchObject({
      code: "network.listen-failed",
      message: expect.stringContaining(address) as string,
      got: "address already in use (EADDRINUSE)",
    });
  });

  it("twice is refused", async () => {
    const node = await startNode();
    await expect(node.behaviour.start()).rejects.toMatchObject({ code: "registry.already-running" });
  });

  it("is needed before anything of the network", async () => {
    const node = await startNode({}, { start: false });
    await expect(node.behaviour.dial("/ip4/127.0.0.1/tcp/1")).rejects.toMatchObject({ code: "registry.not-running" });
    await expect(node.behaviour.announce(new Uint8Array())).rejects.toMatchObject({ code: "registry.not-running" });
    expect(node.behaviour.connectedPeers()).toEqual([]);
    expect(node.behaviour.addresses()).toEqual([]);
  });

  it.each([
    ["address.invalid", { p2p: { listenAddresses: ["nonsense"] } }],
    ["address.invalid", { p2p: { bootstrapNodes: ["/ip4/node1/tcp/1"] } }],
    ["config.invalid", { security: { denyAddresses: ["10.0.0.0/99"] } }],
  ])("is refused with %s for %j", async (code, init) => {
    await expect(startNode(init)).rejects.toMatchObject({ code });
  });

  it("with neither TLS nor Noise, or an unknown transport, is refused", async () => {
    const bare = await startNode({ security: { noiseEnabled: false, tlsEnabled: false } }, { start: false });
    await expect(bare.behaviour.start()).rejects.toMatchObject({ code: "config.invalid" });
    const quic = await startNode({ network: { protocols: ["quic"] } }, { start: false });
    await expect(quic.behaviour.start()).rejects.toMatchObject({ code: "config.invalid" });
  });
});

describe("stop", () => {
  it("while the node starts ends what is starting, before it resolves", async () => {
    const servers = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;
    const before = servers();
    const { behaviour } = await startNode({}, { start: false });
    const starting = behaviour.start().catch((error: unknown) => error);
    await behaviour.stop();
    expect(await starting).toMatchObject({ name: "GgenError", code: "aborted" });
    await expect(behaviour.dial("/ip4/127.0.0.1/tcp/1")).rejects.toMatchObject({ code: "registry.not-running" });
    await vi.waitFor(() => expect(servers()).toBeLessThanOrEqual(before));
  });

  it.each([
    ["abort", () => AbortSignal.abort()],
    ["a time limit", () => AbortSignal.abort(new DOMException("too late", "TimeoutError"))],
  ])("by %s of a start's signal is aborted", async (_name, make) => {
    const { behaviour } = await startNode({}, { start: false });
    await expect(behaviour.start(make())).rejects.toMatchObject({ name: "GgenError", code: "aborted" });
  });

  it("leaves no socket and no timer: a process that stopped its nodes ends by itself", async () => {
    const script = fileURLToPath(new URL("../fixtures/start-and-stop.ts", import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script]);
    expect(stdout).toBe("stopped\n");
  });

  it("ends what waits for the network", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    await connect(a, b);
    const content = b.contents.put(new Uint8Array(10).fill(1));
    b.contents.onRead = () => new Promise(() => {});
    const download = a.behaviour.download(await a.contents.open(content));
    await Promise.all([a.behaviour.stop(), expect(download).rejects.toMatchObject({ code: "aborted" })]);
  });
});

describe("dial", () => {
  it("says what was wrong", async () => {
    const [a, b] = await Promise.all([startNode(), startNode()]);
    await expect(a.behaviour.dial("not an address")).rejects.toMatchObject({ code: "address.invalid" });
    await expect(a.behaviour.dial("/ip4/127.0.0.1/tcp/1")).rejects.toMatchObject({ code: "network.dial-failed" });
    const wrongPeer = b.address().replace(/\/p2p\/.*/, `/p2p/${a.behaviour.peerId}`);
    await expect(a.behaviour.dial(wrongPeer)).rejects.toMatchObject({ code: "network.dial-failed" });
    await expect(a.behaviour.dial(b.address(), AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  });

  it("works over Noise alone, over TLS alone, and over WebSocket", async () => {
    const noise = { security: { tlsEnabled: false } };
    const tls = { security: { noiseEnabled: false } };
    const both = await startNode();
    const ws = { p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0/ws"] }, network: { protocols: ["websocket"] } };
    for (const init of [noise, tls]) await connect(await startNode(init), both);
    const [one, two] = await Promise.all([startNode(ws), startNode(ws)]);
    await connect(one, two);
    const [plainNoise, plainTls] = await Promise.all([startNode(noise), startNode(tls)]);
    await expect(plainNoise.behaviour.dial(plainTls.address())).rejects.toMatchObject({ code: "network.dial-failed" });
  });
});

describe("who may connect", () => {
  it("a denied peer may not, in either direction", async () => {
    const denied = await startNode();
    const node = await startNode({ security: { denyPeers: [denied.behaviour.peerId] } });
    await expect(node.behaviour.dial(denied.address())).rejects.toMatchObject({ code: "network.dial-failed" });
    await denied.behaviour.dial(node.address()).catch(() => "");
    expect(node.behaviour.connectedPeers()).toEqual([]);
  });

  it("with a list of allowed peers only those may", async () => {
    const [friend, stranger] = await Promise.all([startNode(), startNode()]);
    const node = await startNode({ security: { allowPeers: [friend.behaviour.peerId] } });
    await connect(friend, node);
    await stranger.behaviour.dial(node.address()).catch(() => "");
    expect(node.behaviour.connectedPeers()).toEqual([friend.behaviour.peerId]);
  });

  it("a private network takes only those who have its key", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ggen-private-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const privateNetworkKey = join(folder, "swarm.key");
    await writeFile(privateNetworkKey, `/key/swarm/psk/1.0.0/\n/base16/\n${"5a".repeat(32)}\n`);
    const init = { security: { privateNetworkKey } };
    const [one, two, stranger] = await Promise.all([startNode(init), startNode(init), startNode()]);
    await connect(one, two);
    await expect(stranger.behaviour.dial(one.address(), AbortSignal.timeout(1000))).rejects.toMatchObject({
      name: "GgenError",
    });
    const missing = await startNode({ security: { privateNetworkKey: join(folder, "none") } }, { start: false });
    await expect(missing.behaviour.start()).rejects.toMatchObject({ code: "config.invalid" });
  });

  it("a denied address is not dialled", async () => {
    const [node, other] = await Promise.all([startNode({ security: { denyAddresses: ["127.0.0.0/8"] } }), startNode()]);
    await expect(node.behaviour.dial(other.address())).rejects.toMatchObject({ code: "network.dial-failed" });
  });
});

describe("discovery", () => {
  it("connects to bootstrap nodes, and again when the connection is lost", async () => {
    const b = await startNode();
    const a = await startNode({ p2p: { bootstrapNodes: [b.address()] } });
    if (a.behaviour.connectedPeers().length === 0) await identified(a, b.behaviour.peerId);
    const again = identified(a, b.behaviour.peerId);
    await b.behaviour.hangUp(a.behaviour.peerId);
    await again;
    const peers = await a.behaviour.peers();
    expect(peers).toEqual([expect.objectContaining({ peerId: b.behaviour.peerId, discoveredBy: "bootstrap" })]);
  });

  it("knows a bootstrap node by that, whoever dials it first", async () => {
    const b = await startNode();
    const a = await startNode({ p2p: { bootstrapNodes: [b.address()] } });
    await a.behaviour.dial(b.address());
    const [peer] = await a.behaviour.peers();
    expect(peer).toMatchObject({ discoveredBy: "bootstrap", encryption: "/tls/1.0.0", multiplexer: "/yamux/1.0.0" });
  });

  it("remembers peers over a restart", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ggen-behaviour-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const datastorePath = join(folder, "peers.sqlite");
    const b = await startNode();
    const first = await startNode({}, { datastorePath });
    await connect(first, b);
    await first.behaviour.stop();
    const met = new Promise<string>((resolve) => {
      b.behaviour.onPeer(({ type, peerId }) => {
        if (type === "connect") resolve(peerId);
      });
    });
    const second = await startNode({}, { datastorePath });
    expect(await met).toBe(second.behaviour.peerId);
  });
});
