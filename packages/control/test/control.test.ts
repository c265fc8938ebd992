import { once } from "node:events";

import { GgenError, type NodeApi, type Progress } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { methods } from "../src/methods.ts";
import { createNode, serve } from "./fake-node.ts";

const page = { results: [], total: 0, position: 0, next: null, hiddenByReputation: 0, complete: true };

describe("a served node", () => {
  it("gives parameters and results through unchanged", async () => {
    const seen: unknown[] = [];
    const { client } = await serve({
      search: (query) => {
        seen.push(query);
        return Promise.resolve(page);
      },
    });
    const query = { text: "rust cli", tags: ["a", "b"], limit: 5, minReputation: 0.5, sort: "name" as const };
    expect(await client.search(query)).toEqual(page);
    expect(seen).toEqual([query]);
  });

  it("answers undefined for a method without result", async () => {
    const { client } = await serve({ stop: () => Promise.resolve() });
    expect(await client.stop()).toBeUndefined();
  });

  it("has a client method for each method of the table", async () => {
    const { client } = await serve({});
    expect(Object.keys(client).toSorted()).toEqual([...methods.keys()].toSorted());
  });

  it("gives progress in order, all before the result", async () => {
    const steps = Array.from({ length: 50 }, (_, index): Progress => ({ step: "fetch", subject: "x", done: index }));
    const { client } = await serve({
      cacheGc: (options) => {
        for (const step of steps) options?.onProgress?.(step);
        return Promise.resolve({ freedBytes: 1, contents: 2 });
      },
    });
    const seen: Progress[] = [];
    const result = await client.cacheGc({ onProgress: (progress) => seen.push(progress) });
    expect(seen).toEqual(steps);
    expect(result).toEqual({ freedBytes: 1, contents: 2 });
  });

  it("gives an error through with its code, facts and advice", async () => {
    const { client } = await serve({
      info: () =>
        Promise.reject(
          new GgenError("package.ambiguous", "Two claim x", {
            expected: "one",
            got: "two",
            data: { claimants: ["a"] },
          }),
        ),
    });
    const error = await client.info({ ref: "x" }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: "package.ambiguous",
      message: "Two claim x",
      expected: "one",
      got: "two",
      data: { claimants: ["a"] },
    });
  });

  it("names a foreign error internal and answers facts that are not JSON without them", async () => {
    const { client } = await serve({
      stats: () => Promise.reject(new TypeError("x is not a function")),
      cacheStatus: () => Promise.reject(new GgenError("storage.full", "no room", { data: { left: 1n } })),
    });
    await expect(client.stats()).rejects.toMatchObject({ code: "internal", message: "x is not a function" });
    await expect(client.cacheStatus()).rejects.toMatchObject({ code: "storage.full", data: {} });
  });

  it("runs calls beside one another", async () => {
    const waiting = Promise.withResolvers<void>();
    const { client } = await serve({
      cacheGc: async () => {
        await waiting.promise;
        return { freedBytes: 0, contents: 0 };
      },
      search: () => Promise.resolve(page),
    });
    const slow = client.cacheGc();
    expect(await client.search({})).toEqual(page);
    waiting.resolve();
    await slow;
  });
});

/** A method that ends only when it is cancelled, and says when it began and why it ended. */
function endless(): {
  readonly api: Partial<NodeApi>;
  readonly begun: Promise<void>;
  readonly reason: Promise<unknown>;
} {
  const begun = Promise.withResolvers<void>();
  const reason = Promise.withResolvers<unknown>();
  const api = createNode({
    cacheVerify: async (options) => {
      begun.resolve();
      const signal = options?.signal;
      if (signal !== undefined && !signal.aborted) await once(signal, "abort");
      reason.resolve(signal?.reason);
      throw signal?.reason as Error;
    },
  });
  return { api, begun: begun.promise, reason: reason.promise };
}

describe("cancellation", () => {
  it("reaches the node and rejects with aborted", async () => {
    const { api, begun, reason } = endless();
    const { client } = await serve(api);
    const controller = new AbortController();
    const call = client.cacheVerify({ signal: controller.signal });
    await begun;
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: "aborted" });
    expect(await reason).toMatchObject({ code: "aborted" });
  });

  it("of a call that has not begun sends nothing", async () => {
    const { client } = await serve({});
    await expect(client.stats({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });

  it("by closing the server ends running calls with an answer", async () => {
    const { api, begun } = endless();
    const { client, server } = await serve(api);
    const call = client.cacheVerify().catch((error: unknown) => error);
    await begun;
    await server.close();
    expect(await call).toMatchObject({ code: "aborted", message: "The node is stopping" });
    await expect(client.stats()).rejects.toMatchObject({ code: "registry.not-running" });
  });
});
