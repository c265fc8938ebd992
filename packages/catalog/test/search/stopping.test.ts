import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { systemClock } from "@ggen/p2p-types";
import { beforeAll, describe, expect, it } from "vitest";

import { type Catalog, openCatalog } from "../../src/index.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog, testClock } from "../replica/folder.ts";
import { fill } from "./shelf.ts";

describe("stopping", () => {
  let isUp = false;
  let own: Catalog;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "ggen-catalog-"));
    // A search has no time at all while it is up, and otherwise as much as there is.
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> =>
      isUp ? Promise.resolve() : systemClock.sleep(ms, signal);
    own = openCatalog({ path: join(folder, "catalog.db"), clock: { ...testClock, sleep } });
    const owner = publisherWithKey("many");
    for (let count = 0; count < 300; count++) owner.release("laptop", { id: `many-${count}` });
    await fill(own, owner);
    return async () => {
      await own.close();
      rmSync(folder, { recursive: true, force: true });
    };
  });

  it("stops a query whose time is up, and answers the next one", async () => {
    isUp = true;
    await expect(own.search({ text: "many" })).rejects.toMatchObject({ code: "usage.invalid" });
    isUp = false;
    expect((await own.search({ text: "many" })).total).toBe(300);
  });

  it("stops when its caller aborts, before and after it began", async () => {
    await expect(own.search({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    const caller = new AbortController();
    const searching = own.search({ text: "many" }, { signal: caller.signal });
    const waiting = own.search({ text: "many" }, { signal: caller.signal });
    caller.abort();
    await expect(Promise.allSettled([searching, waiting])).resolves.toMatchObject([
      { status: "rejected", reason: { code: "aborted" } },
      { status: "rejected", reason: { code: "aborted" } },
    ]);
    expect((await own.search({})).total).toBe(300);
  });

  it("fails what waits when the catalogue is closed", async () => {
    const closed = testCatalog();
    const searching = Promise.allSettled([closed.search({}), closed.search({})]);
    await closed.close();
    for (const result of await searching) expect(result).toMatchObject({ reason: { code: "aborted" } });
  });

  it("refuses more searches at a time than it can remember", async () => {
    const busy = testCatalog();
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => busy.search({})));
    const refused = results.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(44);
    expect(refused[0]).toMatchObject({ reason: { code: "network.refused" } });
  });
});
