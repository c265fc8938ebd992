import { isGgenError } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { P2PRegistry, P2PRegistryBuilder } from "../src/index.ts";
import { connect, openRegistry, startRegistry, temporaryFolder, until } from "./harness.ts";

/** What keeps this process alive: sockets that listen. */
const servers = (): number => process.getActiveResourcesInfo().filter((name) => name === "TCPServerWrap").length;

it.each(["stop", "close"] as const)("a %s while it starts ends what is starting", async (how) => {
  const before = servers();
  const registry = await openRegistry();
  const starting = registry.start().catch((error: unknown) => error);
  await registry[how]();
  expect([isGgenError(await starting, "aborted"), registry.running]).toEqual([true, false]);
  await until(() => servers() <= before);
});

it("a start waits for the stop before it, and a stop for the one before it", async () => {
  const registry = await startRegistry();
  const stops = [registry.stop(), registry.stop()];
  const starting = registry.start();
  await Promise.all([...stops, starting]);
  expect(registry.running).toBe(true);
  const last = [registry.stop(), registry.stop()];
  await last[1];
  expect(registry.running).toBe(false);
  await last[0];
  await registry.start();
  expect(registry.addresses).toHaveLength(1);
});

it("is not started once it was closed, and says how to go on", async () => {
  const registry = await startRegistry();
  await Promise.all([registry.close(), registry.close()]);
  await expect(registry.start()).rejects.toMatchObject({
    code: "registry.not-running",
    message: "The registry was closed",
    hint: expect.stringContaining("P2PRegistry.create"),
  });
});

it("leaves nothing of a start that failed late", async () => {
  const before = servers();
  const registry = await openRegistry();
  await registry.contents.close();
  await expect(registry.start()).rejects.toSatisfy((error) => isGgenError(error));
  expect(registry.running).toBe(false);
  await until(() => servers() <= before);
});

it("refuses by a rejected promise, never by an exception", async () => {
  const refused = new P2PRegistryBuilder().withListenAddresses(["nonsense"]).build();
  await expect(refused).rejects.toMatchObject({ code: "address.invalid" });
  const { config, home } = await openRegistry();
  const reader = await P2PRegistry.create(config, { home, readOnly: true });
  const all = [reader.publish("/none"), reader.install({ ref: "x", target: "/none" }), reader.start()];
  for (const one of await Promise.allSettled(all)) expect(one).toMatchObject({ reason: { code: "usage.invalid" } });
  await reader.close();
});

it("closing ends the loops over its updates", async () => {
  const registry = await openRegistry();
  const next = registry.subscribe()[Symbol.asyncIterator]().next();
  const other = registry.subscribe(undefined, new AbortController().signal)[Symbol.asyncIterator]().next();
  await registry.close();
  expect(await Promise.all([next, other])).toMatchObject([{ done: true }, { done: true }]);
});

it.each([
  ["abort", () => AbortSignal.abort()],
  ["a time limit", () => AbortSignal.abort(new DOMException("too late", "TimeoutError"))],
  ["a reason of the caller's", () => AbortSignal.abort(new Error("no more"))],
])("what is cancelled by %s fails with aborted", async (_name, make) => {
  const signal = make();
  const [a, b] = await Promise.all([startRegistry(), startRegistry()]);
  await a.publish({
    id: "io.example.x",
    version: "1.0.0",
    name: "X",
    description: "x",
    license: "MIT",
    files: { "a.tmpl": "a" },
  });
  await connect(b, a);
  const target = await temporaryFolder();
  const release = await b.get("io.example.x");
  if (release === undefined) throw new Error("not known");
  const stopped = await openRegistry();
  const calls = {
    start: () => stopped.start(signal),
    bootstrap: () => a.bootstrap({ addresses: [], signal }),
    queryDht: () => a.queryDht("io.example.x", signal),
    search: () => a.search({ text: "x" }, { signal }),
    verifyRecords: () => a.verifyRecords(signal),
    publish: () =>
      a.publish(
        { id: "io.example.y", version: "1.0.0", name: "Y", description: "y", license: "MIT", files: { "a.tmpl": "a" } },
        { signal },
      ),
    install: () => b.install({ ref: "io.example.x", target }, { signal }),
    ensureContent: () => b.ensureContent(release, { signal }),
    readContent: async () => {
      for await (const chunk of a.readContent(release.cid, undefined, signal)) expect(chunk).toBeUndefined();
    },
  };
  const codes = await Promise.all(
    Object.entries(calls).map(async ([name, call]) => [
      name,
      await call().then(
        () => "done",
        (error: unknown) => (isGgenError(error) ? error.code : String(error)),
      ),
    ]),
  );
  expect(Object.fromEntries(codes)).toEqual(Object.fromEntries(Object.keys(calls).map((name) => [name, "aborted"])));
  expect(stopped.running).toBe(false);
});
