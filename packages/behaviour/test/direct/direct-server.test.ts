import { once } from "node:events";
import { connect, type Socket } from "node:net";

import { silentLogger, systemClock, systemRandom, toHex } from "@ggen/p2p-types";
import { describe, expect, it, onTestFinished } from "vitest";

import { createBufferPool } from "../../src/chunks/buffer-pool.ts";
import type { ChunkChannel } from "../../src/chunks/chunk-channel.ts";
import { DirectServer } from "../../src/direct/direct-server.ts";
import { limits } from "../../src/limits/limits.ts";
import { type DirectTicket, directAccepted, encodeDirectRequest } from "../../src/wire/direct-messages.ts";

const host = "127.0.0.1";

/** A server for peers that are connected from loopback, and what it served. */
async function startServer(hosts: () => readonly string[] = () => [host]) {
  const served: string[] = [];
  let nowMs = 0;
  const server = new DirectServer({
    clock: { ...systemClock, monotonic: () => nowMs, every: () => () => {} },
    random: systemRandom,
    logger: silentLogger,
    pool: createBufferPool(1),
    hostsOf: hosts,
    async serve(channel: ChunkChannel, peerId) {
      served.push(peerId);
      while ((await channel.next()) !== undefined);
      await channel.close();
    },
  });
  await server.start(host);
  onTestFinished(() => server.stop());
  const ticket = (peerId = "peer"): DirectTicket => {
    const issued = server.issue(peerId);
    if (issued === undefined) throw new Error("no ticket");
    return issued;
  };
  return {
    server,
    served,
    ticket,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

function open(port: number, from = host): Socket {
  const socket = connect({ host, port, localAddress: from });
  socket.on("error", () => {});
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** What a server answers to some bytes, until it hangs up or has accepted. */
async function answerTo(port: number, bytes: string | Uint8Array, from = host): Promise<string> {
  const socket = open(port, from);
  socket.write(bytes);
  let text = "";
  return new Promise((resolve) => {
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (text.startsWith("HTTP/1.1 101")) resolve(text);
    });
    socket.on("close", () => resolve(text));
  });
}

const request = (ticket: DirectTicket): string => Buffer.from(encodeDirectRequest(host, ticket)).toString("latin1");
const accepted = Buffer.from(directAccepted).toString("latin1");

describe("a direct connection", () => {
  it("is accepted with a fresh ticket from the address of its peer", async () => {
    const { served, ticket } = await startServer();
    const issued = ticket();
    expect(await answerTo(issued.port, request(issued))).toBe(accepted);
    expect(served).toEqual(["peer"]);
  });

  it("is refused with a ticket that was used", async () => {
    const { served, ticket } = await startServer();
    const issued = ticket();
    await answerTo(issued.port, request(issued));
    expect(await answerTo(issued.port, request(issued))).toMatch(/^HTTP\/1\.1 403 /);
    expect(served).toEqual(["peer"]);
  });

  it("is refused with a ticket that is too old", async () => {
    const { served, ticket, pass } = await startServer();
    const issued = ticket();
    pass(limits.directTicketMs);
    expect(await answerTo(issued.port, request(issued))).toMatch(/^HTTP\/1\.1 403 /);
    expect(served).toEqual([]);
  });

  it("is refused from another address than the peer's, and the ticket is gone", async () => {
    const { served, ticket } = await startServer();
    const issued = ticket();
    expect(await answerTo(issued.port, request(issued), "127.0.0.2")).toMatch(/^HTTP\/1\.1 403 /);
    expect(await answerTo(issued.port, request(issued))).toMatch(/^HTTP\/1\.1 403 /);
    expect(served).toEqual([]);
  });

  it("is refused to a peer that is not connected any more", async () => {
    const hosts = [host];
    const { served, ticket } = await startServer(() => hosts);
    const issued = ticket();
    hosts.pop();
    expect(await answerTo(issued.port, request(issued))).toMatch(/^HTTP\/1\.1 403 /);
    expect(served).toEqual([]);
  });

  it("ends when its peer disconnects", async () => {
    const { server, ticket } = await startServer();
    const issued = ticket();
    const socket = open(issued.port);
    socket.write(request(issued));
    await once(socket, "data");
    server.drop("another");
    server.drop("peer");
    await once(socket, "close");
    expect(socket.destroyed).toBe(true);
  });

  it("is refused beyond so many of one peer, not to another", async () => {
    const { ticket } = await startServer();
    for (let count = 0; count < limits.directConnectionsPeer; count += 1) {
      const issued = ticket();
      expect(await answerTo(issued.port, request(issued))).toBe(accepted);
    }
    const issued = ticket();
    expect(await answerTo(issued.port, request(issued))).toMatch(/^HTTP\/1\.1 403 /);
    const other = ticket("other");
    expect(await answerTo(other.port, request(other))).toBe(accepted);
  });

  it.each<[string, (whole: string) => string]>([
    ["another path", (whole) => whole.replace("/ggen/chunks/1 ", "/ggen/chunks/1/../../etc/passwd ")],
    ["an absolute address", (whole) => whole.replace("GET /", "GET http://127.0.0.1:80/")],
    ["another method", (whole) => whole.replace("GET", "POST")],
    ["another protocol to upgrade to", (whole) => whole.replace("ggen-chunks/1", "websocket")],
    ["no upgrade", (whole) => whole.replace("Connection: Upgrade\r\n", "")],
    ["no token", (whole) => whole.replace(/Authorization: .*\r\n/, "")],
    ["a token of another peer's making", (whole) => whole.replace(/Bearer .*\r\n/, `Bearer ${"0".repeat(64)}\r\n`)],
    ["a token in capitals", (whole) => whole.replace(/Bearer (.*)\r\n/, (line) => line.replace("Bearer", "BEARER"))],
    ["a body", (whole) => whole.replace("\r\n\r\n", "\r\nContent-Length: 5\r\n\r\nhello")],
    ["a chunked body", (whole) => whole.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")],
    [
      "a body of two lengths",
      (whole) => whole.replace("\r\n\r\n", "\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    ],
    ["a second request behind the first", (whole) => whole + whole],
    ["chunk requests before it was accepted", (whole) => `${whole}\u0001\u0000`],
    ["a folded header", (whole) => whole.replace("Authorization:", "X: y\r\n Authorization:")],
    ["a head without end", (whole) => whole.replace("\r\n\r\n", `\r\nX: ${"y".repeat(4000)}`)],
    ["anything but HTTP", () => `${"\u0016\u0003\u0001".repeat(30)}\r\n\r\n`],
  ])("is refused with %s", async (_name, change) => {
    const { served, ticket } = await startServer();
    const issued = ticket();
    expect(await answerTo(issued.port, Buffer.from(change(request(issued)), "latin1"))).toMatch(/^HTTP\/1\.1 4\d\d /);
    expect(served).toEqual([]);
  });

  it("keeps a bounded number of tickets of one peer: its oldest goes", async () => {
    const { ticket } = await startServer();
    const [oldest, ...others] = Array.from({ length: limits.directTicketsPeer + 1 }, () => ticket());
    expect(new Set(others.map(({ token }) => toHex(token))).size).toBe(limits.directTicketsPeer);
    if (oldest === undefined) throw new Error("no ticket");
    expect(await answerTo(oldest.port, request(oldest))).toMatch(/^HTTP\/1\.1 403 /);
    for (const issued of others.slice(0, 1)) expect(await answerTo(issued.port, request(issued))).toBe(accepted);
  });
});
