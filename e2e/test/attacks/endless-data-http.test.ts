import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";

import { createHome, type NodeProcess, startNode } from "@ggen/testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** Far beyond what any request needs, and beyond what waits in the buffers between two sockets. */
const harmBytes = 6 * 1024 * 1024;
const drownedBytes = 4 * harmBytes;
/** More than comes. */
const noLimitBytes = 2 ** 30;
let gateway: NodeProcess;
beforeAll(async () => {
  gateway = await startNode({ home: createHome(), args: ["--http", "127.0.0.1:0"] });
});
afterAll(() => gateway.stop());

/** Sends a request that never ends. @param isEnough - told how many bytes were taken; ends it unless the server does */
async function pour(url: string, head: string, more: Buffer, isEnough: (taken: number) => boolean): Promise<void> {
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
  while (!isOver && !isEnough(socket.bytesWritten - socket.writableLength)) {
    if (!socket.write(more)) await Promise.race([new Promise((resolve) => socket.once("drain", resolve)), over]);
  }
  socket.destroy();
}

/** Pours into a server that believes in whatever length a request has, until it has read enough. */
async function drownNaive(head: string, more: Buffer): Promise<void> {
  const naive = createServer({ maxHeaderSize: noLimitBytes }, (request) => request.resume());
  let socket: Socket | undefined;
  naive.on("connection", (connected: Socket) => (socket = connected));
  naive.listen(0, "127.0.0.1");
  await once(naive, "listening");
  const { port } = naive.address() as AddressInfo;
  await pour(`http://127.0.0.1:${port}`, head, more, () => (socket?.bytesRead ?? 0) > harmBytes);
  expect(socket?.bytesRead).toBeGreaterThan(harmBytes);
  naive.close();
  naive.closeAllConnections();
}

const poured = "a".repeat(65_536);
const chunk = Buffer.from(`10000\r\n${poured}\r\n`);

describe("endless data: an HTTP client that never stops sending is cut off", () => {
  it.for([
    { part: "body", head: "POST /packages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n", more: chunk },
    {
      part: "body of a request that has none",
      head: "GET /packages HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
      more: chunk,
    },
    { part: "headers", head: "GET /packages HTTP/1.1\r\nHost: x\r\n", more: Buffer.from(`X-More: ${poured}\r\n`) },
    { part: "address", head: "GET /packages?q=", more: Buffer.from(poured) },
  ])("in its $part", async ({ head, more }) => {
    // The harm: all of it is read.
    await drownNaive(head, more);

    let taken = 0;
    await pour(gateway.gateway ?? "", head, more, (bytes) => (taken = bytes) > drownedBytes);
    expect(taken).toBeLessThan(drownedBytes);
    expect((await fetch(new URL("/healthz", gateway.gateway))).status).toBe(200);
  });
});
