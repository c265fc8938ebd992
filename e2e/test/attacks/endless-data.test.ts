import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";

import { createHome, ggen, type NodeProcess, startNode } from "@ggen/testkit";
import { beforeAll, describe, expect, it, vi } from "vitest";

import { answerOf, refusalOf } from "../support/catalogue.ts";
import { type HostilePeer, startHostile } from "../support/hostile.ts";
import { emptyFolder } from "../support/places.ts";
import { bootstrapTo, commandsIn, install, publish, runPrinted, startAmong, untilEqual } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.small";
let owner: NodeProcess;
let weak: NodeProcess;
let strong: NodeProcess;

beforeAll(async () => {
  owner = await startNode({ home: createHome() });
  await publish(owner.home, id, "1.0.0", "honest");
  [weak, strong] = await Promise.all([startWeakened("endless-answers", bootstrapTo(owner)), startAmong(owner)]);
  await untilEqual(owner, weak, strong);
});

let hosts = 0;
/** Starts a peer that never stops sending, and connects a node to it. */
async function connectFirehose(mode: string, victim: NodeProcess): Promise<HostilePeer> {
  hosts += 1;
  const firehose = startHostile("firehose.ts", [mode, `127.0.10.${hosts}`, victim.addresses[0] ?? ""]);
  const { addresses } = (await firehose.event("ready")) as { readonly addresses?: readonly string[] };
  await answerOf(victim.home, ["marketplace", "p2p", "bootstrap", addresses?.[0] ?? ""]);
  return firehose;
}
const drowned = (firehose: HostilePeer): boolean => firehose.events.some(({ event }) => event === "drowned");

describe("endless data: a peer that never stops sending is cut off", () => {
  it.for(["sync", "operations"])("in its answers of %s", async (mode) => {
    // The harm: whatever the peer likes to send is taken.
    const onWeak = await connectFirehose(mode, weak);
    await onWeak.event("drowned");
    await onWeak.stop();

    const firehose = await connectFirehose(mode, strong);
    await firehose.event("cut");
    expect(drowned(firehose)).toBe(false);
    await firehose.stop();
    expect(await install(strong.home, id)).toMatchObject({ says: "honest" });
  });

  it("in its answer to a search", async () => {
    const newcomer = await startNode({ home: createHome() });
    const firehose = await connectFirehose("search", newcomer);
    await answerOf(newcomer.home, ["marketplace", "search", "small"]);
    await firehose.event("cut");
    expect(drowned(firehose)).toBe(false);
    await firehose.stop();
  });

  it("in its answer to a challenge", async () => {
    const publisher = await startNode({ home: createHome() });
    const firehose = await connectFirehose("receipt", publisher);
    const publishing = publish(publisher.home, "io.example.challenged", "1.0.0", "x", "", ["--replicas", "1"]);
    publishing.catch(() => {});
    await firehose.event("cut");
    expect(drowned(firehose)).toBe(false);
    await firehose.stop();
    await publisher.stop();
  });

  it("in what it gives of a content: the fetch is refused with the command that goes on", async () => {
    const victim = await startAmong(owner);
    await untilEqual(owner, victim);
    await owner.stop();
    for (const node of [weak, strong]) await node.stop();
    const firehose = await connectFirehose("chunks", victim);
    const refusal = await refusalOf(victim.home, ["marketplace", "install", id, "--target", emptyFolder()]);
    expect(refusal).toMatchObject({ code: "package.no-providers", exit: 6 });
    expect(refusal.got).toContain("broke the protocol");
    await firehose.event("cut");
    expect(drowned(firehose)).toBe(false);

    owner = await startNode({ home: owner.home });
    const [command = ""] = commandsIn(refusal.hint);
    const MULTIADDR = owner.addresses[0] ?? "";
    expect(await runPrinted(victim.home, command, { MULTIADDR })).toMatchObject({ code: 0 });
    expect(await install(victim.home, id)).toEqual({ version: "1.0.0", says: "honest" });
    await firehose.stop();
  });

  it("in its requests, of every protocol", async () => {
    const firehose = startHostile("firehose.ts", ["pour", "127.0.10.99", owner.addresses[0] ?? ""]);
    await firehose.event("ready");
    const cut = (): number =>
      new Set(firehose.events.filter(({ event }) => event === "cut").map(({ protocol }) => protocol)).size;
    await vi.waitUntil(() => cut() === 5, { timeout: 30_000 });
    expect(drowned(firehose)).toBe(false);
    expect(await ggen(owner.home, ["marketplace", "search", "small"])).toMatchObject({ code: 0 });
    await firehose.stop();
  });
});

describe("endless data: an HTTP client that never stops sending is cut off", () => {
  const limitBytes = 24 * 1024 * 1024;

  /** Sends a request that never ends. @returns how many bytes were taken before the other side ended it; or the limit */
  async function pour(url: string, head: string, more: Buffer): Promise<number> {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    await once(socket, "connect");
    let isOver = false;
    const over = new Promise<void>((resolve) => {
      for (const event of ["close", "error"]) {
        socket.on(event, () => {
          isOver = true;
          resolve();
        });
      }
    });
    socket.resume().write(head);
    while (!isOver && socket.bytesWritten - socket.writableLength < limitBytes) {
      if (!socket.write(more)) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), over]);
    }
    socket.destroy();
    return socket.bytesWritten - socket.writableLength;
  }
  const endless = [
    ["body", "POST /packages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", "10000\r\n", "\r\n"],
    [
      "body of a request that has none",
      "GET /packages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      "10000\r\n",
      "\r\n",
    ],
    ["headers", "GET /packages HTTP/1.1\r\nHost: x\r\n", "X-More: ", "\r\n"],
    ["address", "GET /packages?q=", "", ""],
  ] as const;

  it.for(endless)("in its %s", async ([, head, before, after]) => {
    const more = Buffer.from(`${before}${"a".repeat(65_536)}${after}`);
    if (before === "10000\r\n") {
      // The harm: a handler that reads what it is sent takes all of it.
      let taken = 0;
      const naive = createServer((request) => request.on("data", (bytes: Buffer) => (taken += bytes.byteLength)));
      naive.listen(0, "127.0.0.1");
      await once(naive, "listening");
      const { port } = naive.address() as AddressInfo;
      await pour(`http://127.0.0.1:${port}`, head, more);
      expect(taken).toBeGreaterThan(limitBytes / 2);
      naive.close();
    }
    const gateway = await startNode({ home: createHome(), args: ["--http", "127.0.0.1:0"] });
    expect(await pour(gateway.gateway ?? "", head, more)).toBeLessThan(limitBytes);
    expect((await fetch(new URL("/healthz", gateway.gateway))).status).toBe(200);
    await gateway.stop();
  });
});
