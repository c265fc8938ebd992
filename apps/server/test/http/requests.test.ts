import { once } from "node:events";
import { connect } from "node:net";

import { isGgenError, type Logger } from "@ggen/p2p-types";
import { describe, expect, it, vi } from "vitest";

import { startGateway } from "../../src/index.ts";
import { send, useGateway } from "../backend/gateway.ts";
import { MemoryBackend } from "../backend/memory-backend.ts";
import { contentOf } from "../backend/packages.ts";

const server = useGateway({ closeGraceMs: 50 });
const { get } = server;
const endpoints = [
  "/",
  "/packages",
  "/packages/pkg",
  "/packages/pkg/info",
  "/packages/pkg/download",
  "/packages/pkg/versions/1.0.0",
  "/packages/pkg/versions/1.0.0/info",
  "/packages/pkg/versions/1.0.0/download",
  "/healthz",
  "/readyz",
  "/metrics",
  "/openapi.json",
];

describe.each(endpoints)("%s", (path) => {
  it("answers HEAD as GET, without a body", async () => {
    server.backend.add({ id: "pkg" }, contentOf("a", 500));
    const [answer, head] = [await get(path), await get(path, {}, "HEAD")];
    expect([answer.status, head.status, head.body.length]).toEqual([200, 200, 0]);
    expect(head.headers["content-type"]).toBe(answer.headers["content-type"]);
    if (path !== "/metrics") expect(head.headers["content-length"]).toBe(String(answer.body.length));
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
    expect(answer.headers["content-security-policy"]).toContain("default-src 'none'");
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])(
    "refuses %s and says what it takes",
    async (method) => {
      const answer = await get(path, { "content-type": "application/json" }, method);
      expect(answer.status).toBe(405);
      expect(answer.headers.allow).toBe("GET, HEAD, OPTIONS");
      expect(answer.json()).toMatchObject({ error: { code: "http.method-not-allowed" } });
    },
  );

  it("answers a preflight", async () => {
    const answer = await get(path, { origin: "https://x.example" }, "OPTIONS");
    expect([answer.status, answer.headers["access-control-allow-methods"]]).toEqual([204, "GET, HEAD"]);
  });
});

it("lets pages of the web read packages, but neither pages nor figures of the node", async () => {
  expect((await get("/packages")).headers["access-control-allow-origin"]).toBe("*");
  expect((await get("/packages/none")).headers["access-control-allow-origin"]).toBe("*");
  expect((await get("/metrics")).headers["access-control-allow-origin"]).toBeUndefined();
  expect((await get("/", { accept: "text/html" })).headers["access-control-allow-origin"]).toBeUndefined();
});

it("does not read the body of what it refuses", async () => {
  const socket = connect(server.gateway.port, "127.0.0.1");
  socket.write("POST /packages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n");
  const [first] = (await once(socket, "data")) as [Buffer];
  expect(first.toString()).toMatch(/^HTTP\/1\.1 405 /);
  await once(socket.resume(), "close");
});

describe("what does not exist", () => {
  it.each([
    ["application/json", "{bad"],
    ["application/json", "x".repeat(5000)],
    ["text/plain", "x".repeat(5000)],
    ["nonsense", "x"],
  ])("is 404 to a POST of %s %#, which is not read", async (type, body) => {
    const answer = await fetch(`${server.gateway.url}/nothing`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    expect([answer.status, await answer.json()]).toMatchObject([404, { error: { code: "http.not-found" } }]);
  });

  it.each([
    "/nothing",
    "/packages/a/b",
    "/packages/a/versions",
    "/assets/../package.json",
    "/assets/page.css/x",
    "/PACKAGES",
    "//packages",
    "/.git/config",
  ])("%s is 404", async (path) => {
    const answer = await get(path);
    expect([answer.status, answer.json()]).toMatchObject([404, { error: { code: "http.not-found" } }]);
  });

  it.each([
    "/packages/..",
    "/packages/..%2f..%2fetc%2fpasswd",
    "/packages/%2e%2e%2fx",
    "/packages/%252e%252e",
    "/packages/%00",
    "/packages/a%0d%0aset-cookie:%20x",
    "/packages/con",
    "/packages/a@1.0.0",
    "/packages/",
    `/packages/${"a".repeat(101)}`,
    "/packages/%ff",
    "/packages/%",
    "/packages/a%2",
    "/packages/pkg/versions/latest",
    "/packages/pkg/versions/%5e1.0.0",
    "/packages/pkg/versions/1.0.0%2f..",
    "/packages/pkg/versions/1.0.0+build/download",
  ])("%s is 400", async (path) => {
    server.backend.add({ id: "pkg" }, contentOf("a", 10));
    const answer = await get(path);
    expect(answer.status).toBe(400);
    const { error } = answer.json() as { error: Record<string, string> };
    expect(Object.keys(error)).toEqual(["code", "message", "hint"]);
    expect(answer.headers["set-cookie"]).toBeUndefined();
    expect(answer.headers["x-content-type-options"]).toBe("nosniff");
  });
});

describe("Host", () => {
  it.each(["localhost", "localhost:1", "LocalHost:8080", "127.0.0.1:65535", "[::1]:80"])("%s is us", async (host) => {
    expect((await get("/packages", { host })).status).toBe(200);
  });

  it.each(["evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "127.0.0.2", "localhost:", "a@localhost"])(
    "%j is somebody else's name, on every path",
    async (host) => {
      for (const path of ["/", "/packages", "/metrics", "/nothing", "/packages/pkg/download"]) {
        const answer = await get(path, { host });
        expect([answer.status, answer.json()]).toMatchObject([400, { error: { code: "http.host-refused" } }]);
      }
    },
  );

  it("is anything that can be a host, where everybody may ask", async () => {
    const gateway = await startGateway({ backend: server.backend, host: "0.0.0.0", port: 0 });
    server.backend.add({ id: "pkg" }, contentOf("a", 10));
    const answer = await send(gateway.port, "/packages/pkg/info", { host: "ggen.example:8080" });
    expect(answer.json()).toMatchObject({ download_url: "http://ggen.example:8080/packages/pkg/download" });
    for (const host of ['x"><script>', "a b", "x/y", "a:b@c"]) {
      expect((await send(gateway.port, "/packages/pkg/info", { host })).status).toBe(400);
    }
    expect(gateway.url).toBe(`http://localhost:${gateway.port}`);
    await gateway.close();
  });
});

describe("conditional JSON", () => {
  it("is 304 while nothing changed", async () => {
    server.backend.add({ id: "pkg" }, contentOf("a", 10));
    const first = await get("/packages");
    const again = await get("/packages", { "if-none-match": `${first.headers.etag}` });
    expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, first.headers.etag]);
    server.backend.add({ id: "more" }, contentOf("b", 10));
    expect((await get("/packages", { "if-none-match": `${first.headers.etag}` })).status).toBe(200);
  });
});

describe("service endpoints", () => {
  it("is alive before it is ready", async () => {
    server.backend.isReady = false;
    expect((await get("/healthz")).json()).toEqual({ status: "ok" });
    const answer = await get("/readyz");
    expect([answer.status, answer.json()]).toMatchObject([503, { error: { code: "registry.incomplete" } }]);
    server.backend.isReady = true;
    expect((await get("/readyz")).json()).toEqual({ status: "ready" });
  });

  it("says in the log what failed, but not each time that it is not ready", async () => {
    const lines: string[] = [];
    const logger: Logger = { log: (level, message) => void lines.push(`${level} ${message}`), child: () => logger };
    const { backend } = server;
    backend.isReady = false;
    const gateway = await startGateway({ backend, host: "127.0.0.1", port: 0, logger });
    expect((await send(gateway.port, "/readyz")).status).toBe(503);
    backend.searchPage = () => Promise.reject(new Error("broken"));
    expect((await send(gateway.port, "/packages")).status).toBe(500);
    await gateway.close();
    expect(lines.filter((line) => line.startsWith("error "))).toEqual(["error broken"]);
  });

  it("counts by route, not by what clients make up", async () => {
    for (const name of ["a", "b", "c"]) await get(`/packages/${name}`);
    await get("/made-up");
    await vi.waitFor(
      async () => {
        const text = (await get("/metrics")).text();
        expect(text).toContain('ggen_http_requests_total{method="GET",route="/packages/:id",status="404"} 3\n');
        expect(text).toContain("ggen_connected_peers 3\n");
        expect(text).toContain("ggen_request_latency_seconds 0.25\n");
        expect(text).toContain("ggen_ready 1\n");
        expect(text).not.toContain("made-up");
        for (const line of text.trimEnd().split("\n")) {
          expect(line).toMatch(/^(?:# (?:HELP|TYPE) [a-z_]+ .+|[a-z_]+(?:\{[^{}]*\})? [0-9.e+-]+)$/);
        }
      },
      { timeout: 20_000 },
    );
  });

  it("tells a client nothing of a defect", async () => {
    server.backend.stats = () => Promise.reject(new TypeError("secret of /root"));
    const answer = await get("/metrics");
    expect([answer.status, answer.json()]).toMatchObject([500, { error: { code: "internal" } }]);
    expect(answer.text()).not.toContain("secret");
  });
});

describe("listening", () => {
  it("names a port that is taken", async () => {
    const { port } = server.gateway;
    const failed = await startGateway({ backend: new MemoryBackend(), host: "127.0.0.1", port }).catch(
      (error) => error,
    );
    expect(isGgenError(failed, "http.port-taken")).toBe(true);
    expect(failed.message).toContain(String(port));
  });

  it("names an address that is not ours", async () => {
    const failed = startGateway({ backend: new MemoryBackend(), host: "192.0.2.1", port: 0 });
    await expect(failed).rejects.toMatchObject({ code: "network.listen-failed" });
  });

  it("closes twice, cuts what lingers, and frees the port", async () => {
    const backend = new MemoryBackend();
    backend.add({ id: "big" }, Buffer.alloc(32 * 1024 * 1024));
    const gateway = await startGateway({ backend, host: "localhost", port: 0, limits: { closeGraceMs: 20 } });
    const socket = connect(gateway.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.pause();
    socket.write("GET /packages/big/download HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket, "readable");
    const gone = once(socket, "close");
    await Promise.all([gateway.close(), gateway.close()]);
    socket.resume();
    await gone;
    expect(backend.readsEnded).toBe(1);
    const next = await startGateway({ backend, host: "127.0.0.1", port: gateway.port });
    expect(next.port).toBe(gateway.port);
    await next.close();
  });
});
