import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

import { GgenError } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { dialDirect } from "../../src/direct/direct-dialer.ts";
import {
  decodeDirectTicket,
  directAccepted,
  encodeDirectTicket,
  maxDirectHeadBytes,
  readDirectAnswer,
} from "../../src/wire/direct-messages.ts";

const host = "127.0.0.1";
const token = new Uint8Array(32).fill(1);
const accepted = Buffer.from(directAccepted).toString("latin1");

/** A server that does what it likes with those who connect. @returns its port */
async function hostileServer(onConnection: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

describe("dialling directly", () => {
  it.each([
    ["redirects", "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1:6379/\r\n\r\n"],
    ["answers with a page", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
    ["answers with a page without end", `HTTP/1.1 200 OK\r\nX: ${"y".repeat(2 * maxDirectHeadBytes)}`],
    ["upgrades to something else", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"],
    ["sends more than its head", `${accepted}x`],
    ["is no HTTP server", "220 mail.example ESMTP\r\n\r\n"],
  ])("fails at a server that %s", async (_name, answer) => {
    const port = await hostileServer((socket) => socket.write(answer));
    await expect(dialDirect(host, { port, token }, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: "network.protocol",
    });
  });

  it("fails at one that hangs up", async () => {
    const port = await hostileServer((socket) => socket.end());
    await expect(dialDirect(host, { port, token }, AbortSignal.timeout(10_000))).rejects.toMatchObject({
      code: "network.dial-failed",
    });
  });

  it("gives one up that never answers when the signal says so", async () => {
    const giveUp = new AbortController();
    const port = await hostileServer((socket) => socket.once("data", () => giveUp.abort(new Error("enough"))));
    await expect(dialDirect(host, { port, token }, giveUp.signal)).rejects.toThrow("enough");
  });

  it("ends the wire when something comes before anybody asked", async () => {
    const port = await hostileServer((socket) => {
      socket.write(directAccepted);
      socket.once("data", () => setImmediate(() => socket.write("unasked")));
    });
    const open = await dialDirect(host, { port, token }, AbortSignal.timeout(10_000));
    const got: Buffer[] = [];
    const error = await new Promise((resolve) => {
      const wire = open({
        parser: {
          push(bytes) {
            got.push(Buffer.from(bytes));
            throw new GgenError("network.protocol", "not asked for");
          },
          space: () => new Uint8Array(1),
          filled() {},
        },
        onEnd: resolve,
      });
      wire.send(new Uint8Array(1));
    });
    expect(error).toMatchObject({ code: "network.protocol" });
  });
});

describe("the messages of a direct connection", () => {
  it("survive any bytes: a ticket decodes to what encodes the same, or is refused", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          expect(encodeDirectTicket(decodeDirectTicket(bytes))).toEqual(bytes);
        } catch (error) {
          expect(error).toMatchObject({ code: "network.protocol" });
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each([1, 22, 80, 1023, 65_536])("refuse a ticket for port %s", (port) => {
    expect(() => decodeDirectTicket(encodeDirectTicket({ port, token }))).toThrow(GgenError);
  });

  it("refuse every answer but the one that accepts, however it is cut", () => {
    const answers = fc.oneof(
      fc.string({ unit: "binary-ascii", maxLength: 300 }),
      fc.nat({ max: accepted.length - 1 }).map((at) => `${accepted.slice(0, at)}!${accepted.slice(at + 1)}`),
    );
    fc.assert(
      fc.property(answers, (text) => {
        let isAccepted = false;
        try {
          isAccepted = readDirectAnswer(Buffer.from(text, "latin1"));
        } catch (error) {
          expect(error).toMatchObject({ code: "network.protocol" });
        }
        // Header names are not case-sensitive, and spaces in them do not matter: little else may differ.
        if (isAccepted) expect(text).toMatch(/^HTTP\/1\.1 101[ \r][^]*upgrade: *ggen-chunks\/1[^]*\r\n\r\n$/i);
      }),
      { numRuns: 500 },
    );
    for (let at = 0; at < accepted.length; at += 1) {
      expect(readDirectAnswer(Buffer.from(accepted.slice(0, at), "latin1"))).toBe(false);
    }
    expect(readDirectAnswer(Buffer.from(accepted, "latin1"))).toBe(true);
  });
});
