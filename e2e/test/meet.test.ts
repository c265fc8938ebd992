import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, createLocalNetwork, ggen, needs, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { answer, connectedTo, type Installed, peersOf, type Published, statusOf } from "./support/node-api.ts";
import { writePackage } from "./support/packages.ts";
import { portOf } from "./support/ports.ts";
import { startTap } from "./support/tap.ts";

const until = { timeout: 30_000, interval: 50 } as const;

/** What everybody has who configured nothing. */
const shipped = "";
/** Found by no other test; what was just published need not have aged. */
const quiet = "[network]\nmdns = false\n\n[install]\ncooldown_hours = 0\n";

function addressOf(node: NodeProcess): string {
  const [address] = node.addresses;
  if (address === undefined) throw new Error(`no address:\n${node.output()}`);
  return address;
}

async function startQuiet(bootstrap: readonly NodeProcess[] = [], args: readonly string[] = []): Promise<NodeProcess> {
  const home = createHome({ config: quiet });
  return startNode({ home, args: [...bootstrap.map((node) => `--bootstrap=${addressOf(node)}`), ...args] });
}

async function publish(node: NodeProcess, id: string, version = "1.0.0"): Promise<Published & { folder: string }> {
  const folder = writePackage(join(node.home, "user", `${id}-${version}`), id, {
    version,
    files: { "templates/readme.md.tmpl": `# ${id} ${version}\n` },
  });
  return { ...(await answer<Published>(node.home, ["marketplace", "publish", folder])), folder };
}

async function install(node: NodeProcess, ref: string): Promise<Installed["packages"][number]> {
  const target = join(node.home, "user", "packages");
  mkdirSync(target, { recursive: true });
  const { packages } = await answer<Installed>(node.home, ["marketplace", "install", ref, "--target", target]);
  const [installed] = packages;
  if (installed === undefined) throw new Error(`nothing was installed of ${ref}`);
  return installed;
}

async function found(node: NodeProcess, words: string): Promise<readonly string[]> {
  const { results } = await answer<{ results: readonly { package: { id: string } }[] }>(node.home, [
    "marketplace",
    "search",
    words,
  ]);
  return results.map((result) => result.package.id);
}

describe("two machines on a local network, with no configuration", () => {
  it.runIf(needs("network-namespaces"))("find each other, and what one publishes the other installs", async () => {
    const machines = createLocalNetwork(2);
    const [a, b] = await Promise.all(
      machines.map((namespace) => startNode({ home: createHome({ config: shipped }), namespace })),
    );
    if (a === undefined || b === undefined) throw new Error("two nodes");

    await expect.poll(() => connectedTo(b.home), until).toEqual([a.peerId]);
    await expect.poll(() => connectedTo(a.home), until).toEqual([b.peerId]);
    const methods = [...(await peersOf(a.home)), ...(await peersOf(b.home))].map(({ discoveredBy }) => discoveredBy);
    expect(methods).toContain("mdns");

    const published = await publish(a, "io.example.over-the-air");
    expect(published.recipients).toBe(1);
    await expect.poll(() => found(b, "over the air"), until).toEqual(["io.example.over-the-air"]);
    const installed = await install(b, "io.example.over-the-air");
    expect(installed.peers).toEqual([{ peerId: a.peerId, bytes: published.size }]);
    expect(await treeFiles(installed.path)).toEqual(await treeFiles(published.folder));
  });

  it.runIf(needs("network-namespaces"))("do not when mDNS is switched off", async () => {
    const machines = createLocalNetwork(3);
    const [a, silent, b] = await Promise.all(
      machines.map((namespace, at) =>
        startNode({ home: createHome({ config: at === 1 ? "[network]\nmdns = false\n" : shipped }), namespace }),
      ),
    );
    if (a === undefined || silent === undefined || b === undefined) throw new Error("three nodes");
    // The other two meet in the same network meanwhile: there was something to be heard.
    await expect.poll(() => connectedTo(a.home), until).toEqual([b.peerId]);
    expect(await connectedTo(silent.home)).toEqual([]);
  });
});

describe("a bootstrap address", () => {
  it.each(["flag", "environment", "file", "command"] as const)("given as %s connects", async (way) => {
    const a = await startQuiet();
    const address = addressOf(a);
    const config = way === "file" ? `${quiet}\n[p2p]\nbootstrap_nodes = ["${address}"]\n` : quiet;
    const b = await startNode({
      home: createHome({ config }),
      args: way === "flag" ? ["--bootstrap", address] : [],
      env: way === "environment" ? { GGEN_P2P_BOOTSTRAP: address } : {},
    });
    if (way === "command") {
      expect(await connectedTo(b.home)).toEqual([]);
      expect(await answer(b.home, ["marketplace", "p2p", "bootstrap", address])).toMatchObject({
        results: [{ address, connected: true, peerId: a.peerId }],
        connectedPeers: 1,
      });
    }
    await expect.poll(() => connectedTo(b.home), until).toEqual([a.peerId]);
    const [peer] = await peersOf(b.home);
    expect(peer?.discoveredBy).toBe(way === "command" ? "manual" : "bootstrap");
  });

  it("that nobody answers is a warning, and one that is not an address an error", async () => {
    const b = await startQuiet();
    const nobody = "/ip4/127.0.0.1/tcp/9/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo";
    const report = await ggen(b.home, ["marketplace", "p2p", "bootstrap", nobody, "--timeout", "5", "--json"]);
    expect(report.code).toBe(6);
    expect(report.json()).toMatchObject({ results: [{ connected: false, error: { code: "network.dial-failed" } }] });
    const wrong = await ggen(b.home, ["marketplace", "p2p", "bootstrap", "localhost:4001"]);
    expect(wrong.code).not.toBe(0);
    expect(wrong.stderr).toContain("[address.invalid]");
    expect(await connectedTo(b.home)).toEqual([]);
  });

  it("is met again by itself after the node behind it came back", async () => {
    const a = await startQuiet();
    const b = await startQuiet([a]);
    await expect.poll(() => connectedTo(b.home), until).toEqual([a.peerId]);
    await a.kill();
    await expect.poll(() => connectedTo(b.home), until).toEqual([]);
    // The same machine, but it remembers nobody: only the other can find it again.
    const home = createHome({ config: quiet });
    copyFileSync(join(a.home, "identity.key"), join(home, "identity.key"));
    const again = await startNode({ home, args: [`--listen=/ip4/127.0.0.1/tcp/${portOf(addressOf(a))}`] });
    expect([again.peerId, again.addresses]).toEqual([a.peerId, a.addresses]);
    await expect.poll(() => connectedTo(b.home), until).toEqual([a.peerId]);
  });
});

it("keeps its identity, readable by its user only, and its address over a restart", async () => {
  const home = createHome({ config: quiet });
  const first = await startNode({ home, listen: "configured" });
  const key = join(home, "identity.key");
  const seed = readFileSync(key);
  expect(statSync(key).mode & 0o777).toBe(0o600);
  await first.stop();
  const second = await startNode({ home, listen: "configured" });
  expect(second.peerId).toBe(first.peerId);
  expect(second.addresses).toEqual(first.addresses);
  expect(readFileSync(key)).toEqual(seed);
});

describe("a connection", () => {
  it.each([
    { name: "TLS by default", config: "", offer: "/tls/1.0.0", encryption: "/tls/1.0.0" },
    { name: "Noise without TLS", config: "tls_enabled = false", offer: "/noise", encryption: "/noise" },
  ])("speaks $name, and Yamux", async ({ config, offer, encryption }) => {
    const a = await startQuiet();
    const published = await publish(a, "io.example.on-the-wire");
    const tap = await startTap({ host: "127.0.0.1", port: portOf(addressOf(a)) });
    const b = await startNode({
      home: createHome({ config: `${quiet}\n[security]\n${config}\n` }),
      args: ["--bootstrap", addressOf(a).replace(/\/tcp\/\d+/, `/tcp/${tap.port}`)],
    });
    await expect.poll(() => found(b, "wire"), until).toEqual([published.id]);
    await install(b, published.id);
    const [peer] = await peersOf(b.home);
    expect(peer).toMatchObject({ peerId: a.peerId, encryption, multiplexer: "/yamux/1.0.0" });
    expect((await peersOf(a.home)).find(({ peerId }) => peerId === b.peerId)).toMatchObject({ encryption });

    // What really went over the wire: the negotiation in the clear, and nothing of what followed.
    const sent = tap.toTarget().toString("latin1");
    const received = tap.toClient().toString("latin1");
    await tap.close();
    expect(sent.slice(1, 20)).toBe("/multistream/1.0.0\n");
    expect(sent).toContain(`${offer}\n`);
    expect(received).toContain(`${offer}\n`);
    expect(received.length).toBeGreaterThan(published.size);
    for (const secret of [published.id, "gpack.toml", "/ggen/sync/1", "/ggen/chunks/1"]) {
      expect(sent).not.toContain(secret);
      expect(received).not.toContain(secret);
    }
  });

  it("is not made when the two share no encryption", async () => {
    const a = await startNode({ home: createHome({ config: `${quiet}\n[security]\ntls_enabled = false\n` }) });
    const b = await startNode({ home: createHome({ config: `${quiet}\n[security]\nnoise_enabled = false\n` }) });
    const result = await ggen(b.home, ["marketplace", "p2p", "bootstrap", addressOf(a), "--timeout", "10", "--json"]);
    expect(result.code).toBe(6);
    expect(result.json()).toMatchObject({ results: [{ connected: false }], connectedPeers: 0 });
  });
});

it("finds through the DHT a holder that it never met", async () => {
  // A is no server of the DHT: no walk meets it by chance, and only its own provider record leads to it.
  const b = await startQuiet();
  const a = await startQuiet([b], ["--no-dht-server"]);
  await expect.poll(() => connectedTo(a.home), until).toEqual([b.peerId]);
  const published = await publish(a, "io.example.far-away");
  expect(published.provided).toBe(true);

  const c = await startQuiet([b]);
  await expect.poll(() => found(c, "far away"), until).toEqual([published.id]);
  expect(await connectedTo(c.home)).toEqual([b.peerId]);
  expect((await peersOf(c.home))[0]?.protocols).toContain("/ggen/kad/1.0.0");

  const why = await answer<{ ok: boolean; steps: readonly { question: string; answer: string }[] }>(c.home, [
    "why",
    published.id,
  ]);
  expect(why.ok).toBe(true);
  expect(why.steps.find(({ question }) => question === "Who holds the content?")?.answer).toContain(a.peerId);

  const installed = await install(c, published.id);
  expect(installed.peers).toEqual([{ peerId: a.peerId, bytes: published.size }]);
  expect(await treeFiles(installed.path)).toEqual(await treeFiles(published.folder));
  expect(await connectedTo(c.home)).toContain(a.peerId);
});

it("finds through the DHT whoever installed a package, when its publisher is gone", async () => {
  const hub = await startQuiet();
  // Neither is a server of the DHT, so that only what each says of itself leads to it.
  const publisher = await startQuiet([hub], ["--no-dht-server"]);
  const user = await startQuiet([hub], ["--no-dht-server"]);
  const published = await publish(publisher, "io.example.passed-on");
  await expect.poll(() => found(user, "passed on"), until).toEqual([published.id]);
  await install(user, published.id);
  await publisher.kill();

  const late = await startQuiet([hub]);
  await expect.poll(() => found(late, "passed on"), until).toEqual([published.id]);
  const why = async (): Promise<string> => (await ggen(late.home, ["why", published.id])).stdout;
  await expect.poll(why, until).toContain(user.peerId);
  const installed = await install(late, published.id);
  expect(installed.peers).toEqual([{ peerId: user.peerId, bytes: published.size }]);
  expect(await treeFiles(installed.path)).toEqual(await treeFiles(published.folder));
});

it("announces a release to everybody by gossip", async () => {
  const hub = await startQuiet();
  const others = await Promise.all([startQuiet([hub]), startQuiet([hub]), startQuiet([hub])]);
  const [first] = others;
  if (first === undefined) throw new Error("three nodes");
  await expect.poll(async () => (await connectedTo(hub.home)).length, until).toBe(3);
  // Everybody is done with comparing catalogues, so that what comes now comes by gossip.
  for (const node of others)
    await expect.poll(async () => (await statusOf(node.home)).sync.state, until).toBe("synced");
  const published = await publish(first, "io.example.heard-everywhere");
  expect(published.recipients).toBeGreaterThan(0);
  for (const node of [hub, ...others]) {
    await expect.poll(() => found(node, "heard everywhere"), until).toEqual([published.id]);
  }
});

it("gives a node that was away what it missed, and others what it wrote meanwhile", async () => {
  const a = await startQuiet();
  const before = await publish(a, "io.example.while-away");
  const home = createHome({ config: quiet });
  const folder = writePackage(join(home, "user", "offline"), "io.example.written-offline");
  const offline = await ggen(home, ["marketplace", "publish", folder]);
  expect(offline.code).toBe(0);
  expect(`${offline.stdout}${offline.stderr}`).toMatch(/announced when the node starts/i);

  writeFileSync(join(home, "config.toml"), `${quiet}\n[p2p]\nbootstrap_nodes = ["${addressOf(a)}"]\n`);
  const b = await startNode({ home });
  await expect.poll(() => found(a, "written offline"), until).toEqual(["io.example.written-offline"]);
  await expect.poll(() => found(b, "while away"), until).toEqual([before.id]);
  await expect.poll(async () => (await statusOf(b.home)).sync.pendingAnnouncements, until).toBe(0);
  const fingerprint = async (node: NodeProcess): Promise<string> => (await statusOf(node.home)).catalogFingerprint;
  expect(await fingerprint(a)).toBe(await fingerprint(b));
  expect((await install(a, "io.example.written-offline")).peers[0]?.peerId).toBe(b.peerId);
});
