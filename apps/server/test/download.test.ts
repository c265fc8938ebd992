import { once } from "node:events";
import { connect } from "node:net";
import { gunzipSync, zstdDecompressSync } from "node:zlib";

import { GgenError, type Package } from "@ggen/p2p-types";
import { beforeEach, describe, expect, it, vi } from "vitest";

import { useGateway } from "./backend/gateway.ts";
import { contentOf } from "./backend/packages.ts";

const server = useGateway({ maxDownloads: 2, closeGraceMs: 50 });
const { get } = server;
const content = contentOf("archive", 300_000);
const path = "/packages/io.x.pkg/download";
let pkg: Package;
let etag = "";
beforeEach(() => {
  pkg = server.backend.add({ id: "io.x.pkg", version: "1.2.3" }, content);
  etag = `"${pkg.checksum.slice(7)}"`;
});

it("sends the archive as a file to keep", async () => {
  const answer = await get(path);
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    "content-type": "application/x-tar",
    "content-length": "300000",
    "content-disposition": 'attachment; filename="io.x.pkg-1.2.3.tar"',
    "accept-ranges": "bytes",
    etag,
    vary: "Accept-Encoding",
    "x-content-type-options": "nosniff",
  });
  expect(answer.body.equals(content)).toBe(true);
});

it("answers HEAD as GET without a body, and without fetching", async () => {
  const whole = await get(path);
  server.backend.bytesRead = 0;
  server.backend.beforeContent = () => Promise.reject(new GgenError("package.no-providers", "none"));
  const head = await get(path, { range: "bytes=0-9" }, "HEAD");
  expect(head.status).toBe(200);
  expect(head.body.length).toBe(0);
  expect({ ...head.headers, date: "" }).toEqual({ ...whole.headers, date: "" });
  expect(server.backend.bytesRead).toBe(0);
});

describe("Range", () => {
  it.each([
    ["bytes=0-0", 0, 1],
    ["bytes=100-199", 100, 200],
    ["bytes=299999-", 299_999, 300_000],
    ["bytes=299990-999999999", 299_990, 300_000],
    ["bytes=-10", 299_990, 300_000],
    ["bytes=-999999999", 0, 300_000],
    ["BYTES= 65530-65540 ", 65_530, 65_541],
  ])("%s is one part", async (range, start, end) => {
    const answer = await get(path, { range, "accept-encoding": "gzip" });
    expect(answer.status).toBe(206);
    expect(answer.headers).toMatchObject({
      "content-range": `bytes ${start}-${end - 1}/300000`,
      "content-length": String(end - start),
      etag,
    });
    expect(answer.headers["content-encoding"]).toBeUndefined();
    expect(answer.body.equals(content.subarray(start, end))).toBe(true);
    expect(server.backend.bytesRead).toBe(end - start);
  });

  it.each([
    "bytes=300000-",
    "bytes=5-4",
    "bytes=-0",
    "bytes=-",
    "bytes=0-1,5-6",
    "bytes=a-b",
    "bytes=",
    "bytes=1-2-3",
    "bytes",
  ])("%s cannot be satisfied", async (range) => {
    const answer = await get(path, { range });
    expect(answer.status).toBe(416);
    expect(answer.headers).toMatchObject({ "content-range": "bytes */300000" });
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.json()).toMatchObject({ error: { code: "http.range-not-satisfiable" } });
    expect(server.backend.bytesRead).toBe(0);
  });

  it.each(["lines=1-2", "byte=1-2", ""])("ignores %j, which is in no unit of ours", async (range) => {
    expect((await get(path, { range })).status).toBe(200);
  });

  it("holds only for the archive that If-Range names", async () => {
    const range = "bytes=0-9";
    expect((await get(path, { range, "if-range": etag })).status).toBe(206);
    for (const other of ['"other"', `W/${etag}`, "Sat, 21 Nov 2026 00:00:00 GMT"]) {
      const answer = await get(path, { range, "if-range": other });
      expect([answer.status, answer.body.length]).toEqual([200, 300_000]);
    }
  });
});

describe("If-None-Match", () => {
  it("answers 304 to who has it", async () => {
    for (const header of [etag, `W/${etag}`, `"x", ${etag}`, "*", `"a,b" ,${etag},`]) {
      const answer = await get(path, { "if-none-match": header });
      expect([answer.status, answer.body.length, answer.headers.etag]).toEqual([304, 0, etag]);
    }
    expect(server.backend.bytesRead).toBe(0);
    for (const header of ['"x"', pkg.checksum, `"x${etag.slice(1)}`, ""]) {
      expect((await get(path, { "if-none-match": header })).status).toBe(200);
    }
  });
});

describe("Accept-Encoding", () => {
  it.each([
    ["gzip", "gzip", gunzipSync],
    ["gzip, deflate, br, zstd", "zstd", zstdDecompressSync],
    ["zstd;q=0.5, gzip;q=0.8", "gzip", gunzipSync],
  ] as const)("%s is answered in %s", async (header, coding, decode) => {
    const answer = await get(path, { "accept-encoding": header });
    expect(answer.headers).toMatchObject({
      "content-encoding": coding,
      etag: `"${pkg.checksum.slice(7)}-${coding}"`,
      vary: "Accept-Encoding",
    });
    expect(answer.headers["content-length"]).toBeUndefined();
    expect(answer.body.length).toBeLessThan(content.length);
    expect(decode(answer.body).equals(content)).toBe(true);
    const again = await get(path, { "accept-encoding": header, "if-none-match": `${answer.headers.etag}` });
    expect(again.status).toBe(304);
  });

  it.each(["identity", "br", "gzip;q=0", "gzip;q=0.5, identity;q=0.9", "gzip;q=x", ""])("%j is not", async (header) => {
    const answer = await get(path, { "accept-encoding": header });
    expect([answer.headers["content-encoding"], answer.body.length]).toEqual([undefined, 300_000]);
  });
});

describe("when the content does not come", () => {
  it("says why, with a status, and without the archive's headers", async () => {
    server.backend.beforeContent = () => Promise.reject(new GgenError("package.no-providers", "No peer holds it"));
    const answer = await get(path);
    expect([answer.status, answer.json()]).toMatchObject([502, { error: { code: "package.no-providers" } }]);
    expect(answer.headers["content-disposition"]).toBeUndefined();
    expect(answer.headers.etag).toBeUndefined();
    expect(answer.headers["content-type"]).toContain("application/json");
  });

  it("still gives a status when the first chunk is the one that fails", async () => {
    server.backend.beforeChunk = () => Promise.reject(new GgenError("content.mismatch", "a chunk is damaged"));
    expect((await get(path)).status).toBe(502);
  });

  it.each(["", "gzip"])("cuts the connection when a later chunk fails (%j)", async (coding) => {
    server.backend.beforeChunk = (start) =>
      start < 200_000 ? Promise.resolve() : Promise.reject(new GgenError("content.mismatch", "a chunk is damaged"));
    await expect(get(path, { "accept-encoding": coding })).rejects.toThrow(/aborted|hang up/);
  });

  it("never sends fewer or more bytes than were signed as if they were all", async () => {
    server.backend.setContent(pkg.cid, content.subarray(0, 1000));
    await expect(get(path)).rejects.toThrow(/aborted|hang up/);
  });
});

describe("clients that leave or linger", () => {
  it("stops the fetch when the client goes away", async () => {
    const aborted = Promise.withResolvers<void>();
    const fetching = Promise.withResolvers<void>();
    server.backend.beforeContent = (_pkg, signal) => {
      signal?.addEventListener("abort", () => aborted.resolve());
      fetching.resolve();
      return aborted.promise.then(() => Promise.reject(new GgenError("aborted", "left")));
    };
    const socket = connect(server.gateway.port, "127.0.0.1");
    socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await fetching.promise;
    socket.destroy();
    await expect(aborted.promise).resolves.toBeUndefined();
  });

  it("reads no further than a client that takes nothing lets it, and lets go when it leaves", async () => {
    const big = server.backend.add({ id: "big" }, Buffer.alloc(64 * 1024 * 1024, "x"));
    const socket = connect(server.gateway.port, "127.0.0.1");
    socket.pause();
    socket.write("GET /packages/big/download HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket, "readable");
    let before = -1;
    await vi.waitFor(
      () => {
        const now = server.backend.bytesRead;
        const still = now === before;
        before = now;
        expect(still).toBe(true);
      },
      { interval: 100, timeout: 20_000 },
    );
    expect(server.backend.bytesRead).toBeLessThan(big.size / 2);
    expect(server.backend.readsEnded).toBe(0);
    socket.destroy();
    await vi.waitFor(() => expect(server.backend.readsEnded).toBe(1), { timeout: 20_000 });
  });

  it("sends so many at once, and frees a place whatever became of it", async () => {
    const gate = Promise.withResolvers<void>();
    server.backend.beforeContent = () => gate.promise;
    const first = [get(path), get(path)];
    await vi.waitFor(async () => expect((await get("/metrics")).text()).toContain("ggen_http_downloads 2\n"), {
      timeout: 20_000,
    });
    const refused = await get(path);
    expect([refused.status, refused.headers["retry-after"]]).toEqual([429, "5"]);
    expect((await get(path, {}, "HEAD")).status).toBe(200);
    gate.resolve();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual([200, 200]);
    server.backend.beforeContent = () => Promise.reject(new GgenError("package.no-providers", "none"));
    for (let round = 0; round < 3; round += 1) expect((await get(path)).status).toBe(502);
  });
});
