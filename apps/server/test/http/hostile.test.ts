import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";

import { afterEach, describe, expect, it, vi } from "vitest";

import { useGateway } from "../backend/gateway.ts";

const server = useGateway({
  headersTimeoutMs: 200,
  requestTimeoutMs: 400,
  keepAliveTimeoutMs: 200,
  stallTimeoutMs: 200,
  maxConnections: 20,
  closeGraceMs: 20,
});
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function open(): Socket {
  const socket = connect(server.gateway.port, "127.0.0.1");
  socket.on("error", () => {});
  sockets.push(socket);
  return socket;
}

/** Sends text as it is and reads until the other side hangs up. */
async function raw(request: string): Promise<string> {
  const socket = open();
  socket.write(request);
  return text(socket);
}

const fine = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/** Whether another client is still answered. */
async function alive(): Promise<boolean> {
  return (await raw(fine)).startsWith("HTTP/1.1 200 ");
}

describe("a header flood", () => {
  it("of one long header is 431 in the form of every error", async () => {
    const answer = await raw(`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40_000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(JSON.parse(answer.split("\r\n\r\n")[1] ?? "")).toMatchObject({ error: { code: "usage.invalid" } });
    expect(await alive()).toBe(true);
  });

  it("of many short ones is 431", async () => {
    const many = Array.from({ length: 5000 }, (_, index) => `x${index}: y\r\n`).join("");
    expect(await raw(`GET / HTTP/1.1\r\nHost: localhost\r\n${many}\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
    expect(await alive()).toBe(true);
  });
});

it("answers a long URL with 414", async () => {
  const answer = await server.get(`/packages?q=${"x".repeat(5000)}`);
  expect([answer.status, answer.json()]).toMatchObject([414, { error: { code: "usage.invalid" } }]);
});

describe("slow clients", () => {
  it.each([
    ["says nothing", ""],
    ["never ends its headers", "GET / HTTP/1.1\r\nHost: localhost\r\n"],
    ["never ends its body", "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc"],
    ["never asks again", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"],
  ])("that %s are hung up on", async (_name, request) => {
    const socket = open();
    socket.resume();
    if (request !== "") socket.write(request);
    await once(socket, "close");
    expect(await alive()).toBe(true);
  });

  it("that drip a header a byte at a time are hung up on", async () => {
    const socket = open();
    socket.resume();
    socket.write("GET / HTTP/1.1\r\nHost: localhost\r\nX: ");
    const drip = setInterval(() => socket.write("x"), 20);
    await once(socket, "close");
    clearInterval(drip);
    expect(await alive()).toBe(true);
  });
});

it("cuts a download whose client takes nothing, and gives its place back", async () => {
  server.backend.add({ id: "big" }, Buffer.alloc(32 * 1024 * 1024));
  const socket = open();
  socket.pause();
  socket.write("GET /packages/big/download HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await vi.waitFor(() => expect(server.backend.readsEnded).toBe(1), { timeout: 20_000 });
  expect(server.backend.bytesRead).toBeLessThan(32 * 1024 * 1024);
  await vi.waitFor(async () => expect((await server.get("/metrics")).text()).toContain("ggen_http_downloads 0\n"), {
    timeout: 20_000,
  });
});

it("takes no more connections than it may, and is well after", async () => {
  const many = Array.from({ length: 60 }, () => open().resume());
  await Promise.all(many.map((socket) => once(socket, "close")));
  expect(await alive()).toBe(true);
});

describe("what is not HTTP/1.1", () => {
  it.each([
    ["garbage", "\u0000\u0001\u0002garbage\r\n\r\n"],
    ["TLS", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
    ["an empty Host", "GET / HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n"],
    ["two Hosts", "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n"],
    [
      "both lengths",
      "GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a bare line feed", "GET / HTTP/1.1\nHost: localhost\n\n"],
    ["a folded header", "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n"],
  ])("%s is 400 or hung up on", async (_name, request) => {
    const answer = await raw(request);
    if (answer !== "") expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await alive()).toBe(true);
  });

  it("a request without a Host is refused as one with a wrong Host is", async () => {
    const answer = await raw("GET / HTTP/1.1\r\nConnection: close\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('{"error":{"code":"http.host-refused"');
  });

  it("a request for another site is ours only by its Host", async () => {
    const answer = await raw(
      "GET http://evil.example/healthz HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    );
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain("http.host-refused");
  });

  it("a smuggled second request is answered as one of its own, or not at all", async () => {
    const answer = await raw(
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    );
    expect(answer).not.toContain("ggen_");
  });
});
