import { systemClock } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import type { Catalog } from "../../src/index.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog, testClock } from "../replica/folder.ts";
import { fill } from "./shelf.ts";

describe("stopping", () => {
  const manyPackages = async (target: Catalog): Promise<void> => {
    const owner = publisherWithKey("many");
    for (let count = 0; count < 300; count++) owner.release("laptop", { id: `many-${count}` });
    await fill(target, owner);
  };

  it("stops a query whose time is up, and answers the next one", async () => {
    let isUp = true;
    const clock = {
      ...testClock,
      // The first search has no time at all, the second as much as there is.
      sleep: (ms: number, signal?: AbortSignal) => (isUp ? Promise.resolve() : systemClock.sleep(ms, signal)),
    };
    const own = testCatalog({ clock });
    await manyPackages(own);
    await expect(own.search({ text: "many" })).rejects.toMatchObject({ code: "usage.invalid" });
    isUp = false;
    expect((await own.search({ text: "many" })).total).toBe(300);
  });

  it("stops when its caller aborts, before and after it began", async () => {
    const own = testCatalog();
    await manyPackages(own);
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
    const own = testCatalog();
    const searching = Promise.allSettled([own.search({}), own.search({})]);
    await own.close();
    for (const result of await searching) expect(result).toMatchObject({ reason: { code: "aborted" } });
  });

  it("refuses more searches at a time than it can remember", async () => {
    const own = testCatalog();
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => own.search({})));
    const refused = results.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(44);
    expect(refused[0]).toMatchObject({ reason: { code: "network.refused" } });
  });
});
