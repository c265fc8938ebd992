import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { type ErrorCode, isGgenError } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { openCatalog } from "../../src/index.ts";
import { keyOf, publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog, testClock, testFolder } from "./folder.ts";

const codeOf = (run: () => unknown): ErrorCode | undefined => {
  try {
    run();
  } catch (error) {
    if (isGgenError(error)) return error.code;
    throw error;
  }
  return undefined;
};

describe("openCatalog", () => {
  it("is as it was after closing and opening again", async () => {
    const path = join(testFolder(), "deep", "catalog.db");
    const owner = publisherWithKey("owner");
    owner.release("laptop");
    const waiting = owner.release("ci");
    const first = openCatalog({ path, clock: testClock });
    await first.accept(
      owner.operations.map(({ envelope }) => envelope),
      { via: "sync" },
    );
    first.setTrust(owner.publisher, { trusted: true, nickname: "Friend" });
    first.pinOwner("io.example.demo", owner.publisher);
    first.setMeta("sync", "{}");
    const before = [first.fingerprint(), first.entry("io.example.demo"), first.publishers(), first.counts()];
    await first.close();
    await first.close();

    const second = testCatalog({ path });
    expect([second.fingerprint(), second.entry("io.example.demo"), second.publishers(), second.counts()]).toEqual(
      before,
    );
    expect(second.meta("sync")).toBe("{}");
    expect(second.pinnedOwner("IO.example.demo")).toBe(owner.publisher);
    expect(second.nicknameOf(owner.publisher)).toBe("Friend");
    expect(second.publisherState(owner.publisher)?.withoutEffect.get(waiting.id)).toBe("not-granted");
    await second.accept([owner.grant("ci").envelope], { via: "local" });
    expect(second.has(waiting.id)).toBe(true);
    expect(second.nextLink(owner.publisher, keyOf("ci").key).prev).toBe(waiting.id);
  });

  it("refuses a newer database and leaves it untouched", () => {
    const path = join(testFolder(), "catalog.db");
    const db = new DatabaseSync(path);
    db.exec("PRAGMA user_version = 99");
    db.close();
    const bytes = readFileSync(path);
    expect(codeOf(() => openCatalog({ path, clock: testClock }))).toBe("storage.newer");
    expect(codeOf(() => openCatalog({ path, clock: testClock, readOnly: true }))).toBe("storage.newer");
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  it("refuses one from before the first release, says what to do, and leaves it untouched", () => {
    const path = join(testFolder(), "catalog.db");
    const db = new DatabaseSync(path);
    db.exec("CREATE TABLE operations (id BLOB); PRAGMA user_version = 4");
    db.close();
    const bytes = readFileSync(path);
    expect(codeOf(() => openCatalog({ path, clock: testClock }))).toBe("storage.older");
    expect(codeOf(() => openCatalog({ path, clock: testClock, readOnly: true }))).toBe("storage.older");
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(readdirSync(dirname(path))).toEqual(["catalog.db"]);
  });

  it("says that a path cannot be used", () => {
    const file = join(testFolder(), "file");
    writeFileSync(file, "");
    expect(codeOf(() => openCatalog({ path: join(file, "catalog.db"), clock: testClock }))).toBe("storage.failed");
  });
});

it("says that it was closed, not that the disk is at fault", async () => {
  const catalog = testCatalog({ path: join(testFolder(), "catalog.db") });
  await catalog.close();
  const closed = { code: "storage.failed", message: expect.stringMatching(/catalog\.db was closed$/) as string };
  await expect(catalog.verify()).rejects.toMatchObject(closed);
  await expect(catalog.search({})).rejects.toMatchObject({ message: expect.stringContaining("was closed") as string });
  for (const use of [() => catalog.counts(), () => catalog.entry("demo"), () => catalog.setMeta("a", "b")]) {
    expect(use).toThrow(expect.objectContaining(closed));
  }
});

describe("read-only", () => {
  it("is empty where there is no database, and makes none", async () => {
    const folder = testFolder();
    const catalog = testCatalog({ path: join(folder, "catalog.db"), readOnly: true });
    expect(catalog.counts()).toEqual({ operations: 0, packages: 0, publishers: 0 });
    expect(await catalog.search({ text: "demo" })).toEqual({ results: [], total: 0, position: 0, next: null });
    expect(catalog.entry("demo")).toBeUndefined();
    expect(existsSync(join(folder, "catalog.db"))).toBe(false);
  });

  it("follows what another connection writes, and writes nothing", async () => {
    const path = join(testFolder(), "catalog.db");
    const writer = testCatalog({ path });
    const owner = publisherWithKey("owner");
    owner.release("laptop");
    await writer.accept(
      owner.operations.map(({ envelope }) => envelope),
      { via: "local" },
    );
    const reader = testCatalog({ path, readOnly: true });
    expect(reader.fingerprint()).toBe(writer.fingerprint());
    expect((await reader.search({ text: "demo" })).total).toBe(1);

    await writer.accept([owner.release("laptop", { id: "io.example.second" }).envelope], { via: "local" });
    writer.setTrust(owner.publisher, { trusted: true });
    expect(reader.fingerprint()).toBe(writer.fingerprint());
    expect(reader.publisherState(owner.publisher)?.releases).toHaveLength(2);
    expect((await reader.search({})).total).toBe(2);
    expect(reader.trusted()).toEqual(new Set([owner.publisher]));

    expect(codeOf(() => reader.setMeta("a", "b"))).toBe("storage.failed");
    await expect(reader.accept([owner.genesis.envelope], { via: "local" })).rejects.toMatchObject({
      code: "storage.failed",
    });
  });

  it("reads a database in a folder that cannot be written", async () => {
    const folder = testFolder();
    const path = join(folder, "catalog.db");
    const writer = openCatalog({ path, clock: testClock });
    const owner = publisherWithKey("owner");
    await writer.accept([owner.genesis.envelope], { via: "local" });
    await writer.close();
    expect(readdirSync(folder)).toEqual(["catalog.db"]);
    chmodSync(path, 0o400);
    chmodSync(folder, 0o500);
    const reader = openCatalog({ path, clock: testClock, readOnly: true });
    expect(reader.counts().operations).toBe(1);
    await reader.close();
    chmodSync(folder, 0o700);
  });
});
