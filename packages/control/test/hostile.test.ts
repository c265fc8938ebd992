import { once } from "node:events";
import { connect, type Socket } from "node:net";

import type { Clock, Logger, NodeApi } from "@ggen/p2p-types";
import { isGgenError } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { methods } from "../src/methods.ts";
import { checkParams } from "../src/shape.ts";
import { serve } from "./fake-node.ts";
import { exchange, post } from "./raw.ts";

const ok: Partial<NodeApi> = {
  cacheGc: () => Promise.resolve({ freedBytes: 0, contents: 0 }),
  search: () =>
    Promise.resolve({ results: [], total: 0, position: 0, next: null, hiddenByReputation: 0, complete: true }),
};

const codeOf = (answer: { readonly lines: readonly Record<string, unknown>[] }): unknown =>
  (answer.lines.at(-1)?.["error"] as { code?: unknown } | undefined)?.code;

describe("requests that are refused", () => {
  it.each([
    ["an unknown method", "/v1/frobnicate", "{}"],
    ["a method of every object", "/v1/constructor", "{}"],
    ["a prototype", "/v1/__proto__", "{}"],
    ["another path", "/v2/search", "{}"],
    ["a path that climbs", "/v1/../v1/search", "{}"],
    ["JSON that is none", "/v1/search", "{"],
    ["bytes that are not UTF-8", "/v1/search", Uint8Array.of(0x22, 0xff, 0x22)],
    ["an array", "/v1/search", "[]"],
    ["a string", "/v1/search", '"text"'],
    ["no parameters where some are needed", "/v1/info", ""],
    ["an unknown parameter", "/v1/search", '{"txet":"a"}'],
    ["a parameter named __proto__", "/v1/search", '{"__proto__":{"limit":3}}'],
    ["a wrong type", "/v1/search", '{"text":5}'],
    ["a limit of zero", "/v1/search", '{"limit":0}'],
    ["a limit that is not whole", "/v1/search", '{"limit":1.5}'],
    ["a score over one", "/v1/search", '{"minReputation":1.01}'],
    ["an unknown order", "/v1/search", '{"sort":"size"}'],
    ["too many tags", "/v1/search", JSON.stringify({ tags: Array.from({ length: 65 }, () => "a") })],
    ["parameters for a method without any", "/v1/cacheGc", '{"all":true}'],
    ["deep nesting", "/v1/search", `${"[".repeat(200_000)}${"]".repeat(200_000)}`],
  ])("%s", async (_, target, body) => {
    const { path } = await serve(ok);
    const answer = await post(path, target, body);
    expect(codeOf(answer)).toBe("usage.invalid");
    expect(answer.status).toBe(400);
  });

  it("another HTTP method", async () => {
    const { path } = await serve(ok);
    expect(codeOf(await post(path, "/v1/search", "{}", "PUT"))).toBe("usage.invalid");
  });
});

describe("hostile clients", () => {
  it("garbage ends its connection only", async () => {
    const { path, client } = await serve(ok);
    expect(await exchange(path, "\0\x01\x02 nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400/);
    expect(await exchange(path, `GET /v1 HTTP/1.1\r\nx: ${"y".repeat(20_000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431/);
    expect(await client.cacheGc()).toEqual({ freedBytes: 0, contents: 0 });
  });

  it("an endless body is cut at its limit", async () => {
    const { path, client } = await serve(ok);
    const socket = connect(path);
    socket.on("error", () => undefined);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.write("POST /v1/search HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n");
    const piece = Buffer.alloc(64 * 1024, "x");
    let sent = 0;
    const feed = (): void => {
      while (!socket.destroyed && sent < 64 * 1024 * 1024) {
        sent += piece.length;
        socket.write("10000\r\n");
        socket.write(piece);
        if (!socket.write("\r\n")) return;
      }
    };
    socket.on("drain", feed);
    socket.resume();
    feed();
    await closed;
    expect(sent).toBeLessThan(64 * 1024 * 1024);
    await client.cacheGc();
  });

  it("a body that never ends is given up by the clock", async () => {
    let expire = (): void => undefined;
    const begun = Promise.withResolvers<void>();
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      every: () => () => {},
      sleep: () =>
        new Promise((resolve) => {
          expire = resolve;
          begun.resolve();
        }),
    };
    const { path } = await serve(ok, { clock });
    const answer = exchange(path, "POST /v1/search HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{");
    await begun.promise;
    expire();
    expect(await answer).toMatch(/too slowly/);
  });

  it("a thousand connections are capped, and others are served after them", async () => {
    const { path, client } = await serve(ok, { limits: { maxConnections: 50 } });
    const sockets: Socket[] = [];
    onTestFinished(() => sockets.forEach((socket) => socket.destroy()));
    let closed = 0;
    const dropped = Promise.withResolvers<void>();
    for (let index = 0; index < 1000; index++) {
      const socket = connect(path);
      sockets.push(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        closed += 1;
        if (closed === 950) dropped.resolve();
      });
      await once(socket, "connect").catch(() => undefined);
    }
    await dropped.promise;
    await expect(client.cacheGc()).rejects.toMatchObject({ code: "control.unreachable" });
    await Promise.all(sockets.filter((socket) => !socket.destroyed).map((socket) => once(socket.destroy(), "close")));
    await expect.poll(() => client.cacheGc().catch(() => undefined)).toEqual({ freedBytes: 0, contents: 0 });
  });

  it("more calls at once than allowed are refused", async () => {
    const release = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const { client } = await serve(
      {
        cacheGc: async () => {
          begun.resolve();
          await release.promise;
          return { freedBytes: 0, contents: 0 };
        },
      },
      { limits: { maxCalls: 1 } },
    );
    const first = client.cacheGc();
    await begun.promise;
    await expect(client.cacheGc()).rejects.toMatchObject({ code: "network.refused" });
    release.resolve();
    await first;
  });
});

describe("checkParams", () => {
  it("throws only GgenError, and gives back only fields of the table", () => {
    fc.assert(
      fc.property(fc.constantFrom(...methods.keys()), fc.jsonValue(), (name, value) => {
        const shape = methods.get(name);
        try {
          const checked = checkParams(name, shape, value);
          for (const key of Object.keys(checked ?? {})) expect(Object.keys(shape ?? {})).toContain(key);
        } catch (error) {
          expect(isGgenError(error, "usage.invalid")).toBe(true);
        }
      }),
    );
  });
});

describe("secrets", () => {
  it("are repeated in no answer and no line of the log", async () => {
    const lines: string[] = [];
    const logger: Logger = {
      log: (...line) => void lines.push(JSON.stringify(line)),
      child: () => logger,
    };
    const { path, client } = await serve({ publisherGrant: () => Promise.reject(new Error("a defect")) }, { logger });
    const secret = "abandon amount liar";
    const grant = async (params: unknown): Promise<string> =>
      JSON.stringify(await post(path, "/v1/publisherGrant", JSON.stringify(params)));
    const answers = [
      await grant({ recoveryWords: secret }),
      await grant({ recoveryWords: [secret.repeat(100)] }),
      await grant({ recoveryWords: [secret], label: 1 }),
      await client.publisherGrant({ recoveryWords: [secret] }).catch((error: unknown) => JSON.stringify(error)),
    ];
    expect(JSON.stringify(answers)).toContain("a defect");
    expect(JSON.stringify([answers, lines])).not.toContain("amount");
  });
});
