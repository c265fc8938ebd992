import { once } from "node:events";
import { existsSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";

import { type ChaosProxy, createHome, type NodeProcess, startChaosProxy, startNode, treeFiles } from "@ggen/testkit";
import { afterAll, beforeAll, expect, it, vi } from "vitest";

import { answerOf, type Installed, refusalOf, statusOf, untilCatalogueIs } from "./support/catalogue.ts";
import { expectedTree, type PackageTree } from "./support/package-tree.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { seededBytes } from "./support/random-files.ts";

/**
 * Three nodes on three loopback addresses. The holder and the installer deny each other's address, so that the only way
 * between them is the proxy, which listens on 127.0.0.1. A walk of the DHT over nothing but broken connections lasts for
 * the whole `dht.query_timeout` of a minute: here for a few seconds.
 */
const config = (denied: string): string =>
  `[network]\nmdns = false\n[dht]\nquery_timeout = 5\n[security]\ndeny_addresses = ${JSON.stringify(denied === "" ? [] : [denied])}\n`;
const id = "io.example.over-the-wire";
let tree: PackageTree;
let holder: NodeProcess;
let installer: NodeProcess;
let proxy: ChaosProxy;
let fingerprint: string;

const node = (host: string, denied: string, bootstrap?: string): Promise<NodeProcess> =>
  startNode({
    home: createHome({ config: config(denied) }),
    args: ["--listen", `/ip4/${host}/tcp/0`, ...(bootstrap === undefined ? [] : ["--bootstrap", bootstrap])],
  });

beforeAll(async () => {
  const folder = emptyFolder();
  writePackage(folder, id, { files: { "data.txt": seededBytes("wire", 2_000_000).toString("hex") } });
  tree = await expectedTree(folder);
  holder = await node("127.0.0.2", "127.0.0.3");
  await answerOf(holder.home, ["marketplace", "publish", folder]);
  fingerprint = (await statusOf(holder.home)).catalogFingerprint;
  const port = Number(/\/tcp\/(\d+)\//.exec(holder.addresses[0] ?? "")?.[1]);
  proxy = await startChaosProxy({ host: "127.0.0.2", port });
  installer = await node("127.0.0.3", "127.0.0.2", `/ip4/127.0.0.1/tcp/${proxy.port}/p2p/${holder.peerId}`);
  await untilCatalogueIs(installer.home, fingerprint);
});
afterAll(() => proxy.close());

const flips = [{ kind: "flip", direction: "to-client", atByte: 20_000, every: 50_000 }] as const;

/** What comes of some bytes that are sent over the same broken way as they are. */
async function sentPlainly(bytes: Buffer): Promise<Buffer> {
  const server = createServer((socket) => socket.on("error", () => {}).end(bytes)).listen(0, "127.0.0.1");
  await once(server, "listening");
  const broken = await startChaosProxy({ host: "127.0.0.1", port: (server.address() as AddressInfo).port }, flips);
  const came = await buffer(connect(broken.port, "127.0.0.1"));
  await broken.close();
  server.close();
  return came;
}

it("bits that change between two nodes break the connection, and nothing is installed", async () => {
  // The harm: all of it comes, and some of it is something else.
  const sent = seededBytes("wire", 200_000);
  const came = await sentPlainly(sent);
  expect(came.byteLength).toBe(sent.byteLength);
  expect(came.equals(sent)).toBe(false);

  const before = proxy.connections;
  proxy.setFaults(flips);
  const target = join(emptyFolder(), "not-made");

  const refusal = await refusalOf(installer.home, ["marketplace", "install", id, "--target", target]);
  expect(refusal).toMatchObject({ code: "package.no-providers", exit: 6 });
  expect(refusal.got).toContain(holder.peerId);
  expect(existsSync(target)).toBe(false);
  // The node comes back on new connections, which break as well.
  await vi.waitUntil(() => proxy.connections > before, { timeout: 30_000 });
});

it("the fetch goes on with a holder on another way", async () => {
  const other = await node("127.0.0.1", "", holder.addresses[0]);
  await untilCatalogueIs(other.home, fingerprint);
  await answerOf(other.home, ["marketplace", "install", id, "--global"]);
  const target = emptyFolder();

  await answerOf(installer.home, ["marketplace", "p2p", "bootstrap", other.addresses[0] ?? ""]);
  const { packages } = await answerOf<Installed>(installer.home, ["marketplace", "install", id, "--target", target]);
  expect(packages[0]?.peers.map(({ peerId }) => peerId)).toContain(other.peerId);
  expect(await treeFiles(join(target, id))).toEqual(tree);
});
