import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { fromHex } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { openCatalog, restoreCatalog } from "../../src/index.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog, testClock, testFolder } from "./folder.ts";

const longAgo = testClock.now() - 1_000_000;

/** A closed catalogue with many releases of a trusted publisher. */
async function written(): Promise<{ path: string; owner: ReturnType<typeof publisherWithKey>; fingerprint: string }> {
  const path = join(testFolder(), "catalog.db");
  const owner = publisherWithKey("owner");
  for (let minor = 0; minor < 60; minor += 1) owner.release("laptop", { version: `1.${minor}.0` });
  const catalog = openCatalog({ path, clock: testClock });
  await catalog.accept(
    owner.operations.map(({ envelope }) => envelope),
    { via: "sync", peer: "a peer", firstSeenMs: longAgo },
  );
  catalog.setTrust(owner.publisher, { trusted: true, nickname: "Friend" });
  catalog.pinOwner("io.example.demo", owner.publisher);
  catalog.setMeta("synced-at", "1");
  const fingerprint = catalog.fingerprint();
  await catalog.close();
  return { path, owner, fingerprint };
}

/** What the file has of an operation's envelope. */
function storedEnvelope(path: string, id: string): Uint8Array {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db
    .prepare("SELECT e.envelope FROM operations o JOIN envelopes e ON e.operation = o.operation WHERE o.id = ?")
    .get(fromHex(id));
  db.close();
  return row?.["envelope"] as Uint8Array;
}

/** Changes one bit of some stored bytes, as they are in the file. */
function flip(path: string, of: Uint8Array): void {
  const bytes = readFileSync(path);
  const at = bytes.indexOf(of) + of.byteLength - 1;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe("a damaged database", () => {
  it("that is no database is set aside, not deleted, and an empty one takes its place", () => {
    const path = join(testFolder(), "catalog.db");
    const text = "this is no database, and long enough to be looked at as one ".repeat(20);
    writeFileSync(path, text);
    const catalog = testCatalog({ path });
    expect(catalog.counts().operations).toBe(0);
    expect(readFileSync(catalog.setAside ?? "", "utf8")).toBe(text);
    expect(dirname(catalog.setAside ?? "")).toBe(dirname(path));
  });

  it("that was cut short is set aside, and restoring it does not fail", async () => {
    const { path } = await written();
    truncateSync(path, 8192);
    const catalog = testCatalog({ path });
    expect(existsSync(catalog.setAside ?? "")).toBe(true);
    await expect(restoreCatalog(catalog)).resolves.toBe(catalog.counts().operations);
  });

  it("gives back what can be read of it, with what the user decided and when it came, but not that it was compared", async () => {
    const { path, owner, fingerprint } = await written();
    const db = new DatabaseSync(path);
    // A page of an index: the tables are whole, the file is not.
    const { pageno } = db
      .prepare("SELECT rootpage AS pageno FROM sqlite_schema WHERE name = 'operations_by_publisher'")
      .get() as {
      pageno: number;
    };
    db.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, (pageno - 1) * 4096, pageno * 4096);
    writeFileSync(path, bytes);

    const catalog = testCatalog({ path });
    expect(catalog.setAside).toBeDefined();
    expect(catalog.counts().operations).toBe(0);
    expect(await restoreCatalog(catalog)).toBe(owner.operations.length);
    expect(catalog.fingerprint()).toBe(fingerprint);
    expect(catalog.nicknameOf(owner.publisher)).toBe("Friend");
    expect(catalog.trusted()).toEqual(new Set([owner.publisher]));
    expect(catalog.pinnedOwner("io.example.demo")).toBe(owner.publisher);
    expect(catalog.firstSeen(owner.genesis.id)).toEqual({ atMs: longAgo, via: "sync", peer: "a peer" });
    expect(catalog.meta("synced-at")).toBeUndefined();
  });
});

describe("a changed bit in a stored record", () => {
  it("is found when the record is read: it is not given out, and the next start leaves it behind", async () => {
    const { path, owner } = await written();
    const victim = owner.operations.at(-1);
    flip(path, storedEnvelope(path, victim?.id ?? ""));
    const first = openCatalog({ path, clock: testClock });
    expect(first.setAside).toBeUndefined();
    expect(first.envelopes([victim?.id ?? ""])).toEqual([]);
    await first.close();

    const second = testCatalog({ path });
    expect(second.setAside).toBeDefined();
    expect(await restoreCatalog(second)).toBe(owner.operations.length - 1);
    expect(second.has(victim?.id ?? "")).toBe(false);
    await second.accept([victim?.envelope ?? new Uint8Array()], { via: "sync" });
    expect(second.has(victim?.id ?? "")).toBe(true);
  });

  it("is found by verify, also in what is made from a release", async () => {
    const { path, owner } = await written();
    const sound = openCatalog({ path, clock: testClock });
    expect(await sound.verify()).toEqual({ checked: owner.operations.length, damaged: [] });
    const release = owner.operations.at(-1);
    await sound.close();
    // The version in the row of the operation; the index of versions has it, too.
    const db = new DatabaseSync(path);
    db.exec("UPDATE operations SET version = '1.58.9' WHERE version = '1.59.0'");
    db.close();

    const spoilt = openCatalog({ path, clock: testClock });
    expect((await spoilt.verify()).damaged).toEqual([release?.id]);
    await spoilt.close();
    const again = testCatalog({ path });
    expect(again.setAside).toBeDefined();
    expect(await restoreCatalog(again)).toBe(owner.operations.length);
    expect((await again.verify()).damaged).toEqual([]);
    expect(readdirSync(dirname(path)).filter((name) => name.includes("damaged"))).not.toEqual([]);
  });
});
