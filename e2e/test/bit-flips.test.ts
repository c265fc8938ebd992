import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { createHome, createSeededRandom, ggen, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { beforeAll, describe, expect, it, vi } from "vitest";

import { answerOf, type Installed, refusalOf, type Status, statusOf, untilCatalogueIs } from "./support/catalogue.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { seededBytes } from "./support/random-files.ts";

interface Verified {
  readonly damaged: readonly string[];
  readonly damagedRecords: readonly string[];
}

const count = 12;
const idOf = (number: number): string => `io.example.flip-${number}`;
const { below: random } = createSeededRandom("bits");
let author: NodeProcess;
let folder: string;

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
beforeAll(async () => {
  author = await startNode({ home: createHome() });
  for (let number = 0; number < count; number += 1) {
    folder = writePackage(join(emptyFolder(), "p"), idOf(number), {
      files: { "data.txt": seededBytes(`flip ${number}`, 4000).toString("hex") },
    });
    await answerOf(author.home, ["marketplace", "publish", folder]);
  }
});

/** A stopped node with the author's whole catalogue and one install. */
async function reader(): Promise<string> {
  const node = await startNode({ home: createHome(), args: ["--bootstrap", author.addresses[0] ?? ""] });
  await untilCatalogueIs(node.home, (await statusOf(author.home)).catalogFingerprint);
  await answerOf(node.home, ["marketplace", "install", idOf(count - 1), "--global"]);
  expect(await node.stop()).toBe(0);
  return node.home;
}

const again = (home: string): Promise<NodeProcess> =>
  startNode({ home, args: ["--bootstrap", author.addresses[0] ?? ""] });

/** Changes one bit. */
function flip(path: string, at: (bytes: Buffer) => number): void {
  const bytes = readFileSync(path);
  const place = at(bytes);
  bytes[place] = (bytes[place] ?? 0) ^ (1 << random(8));
  writeFileSync(path, bytes);
}

/** What a catalogue has of the record that came last. */
function lastRecord(path: string): Uint8Array {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const row = db.prepare("SELECT envelope FROM envelopes ORDER BY operation DESC").get();
    const record = row?.["envelope"];
    if (record instanceof Uint8Array) return record;
    throw new Error("the catalogue has no record");
  } finally {
    db.close();
  }
}

/** Changes the same bit of every copy of some bytes in a file. @returns how many there were */
function flipEvery(path: string, sought: Uint8Array, offset: number): number {
  const bytes = readFileSync(path);
  const places: number[] = [];
  for (let at = bytes.indexOf(sought); at !== -1; at = bytes.indexOf(sought, at + 1)) places.push(at + offset);
  for (const place of places) bytes[place] = (bytes[place] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  return places.length;
}

const anywhere = (bytes: Buffer): number => random(bytes.byteLength);
const setAside = (folder: string, name: string): string[] =>
  readdirSync(folder).filter((entry) => entry.startsWith(`${name}.damaged-`) && /\d$/.test(entry));

/** Everything is as at the author's again. */
async function expectWhole(home: string): Promise<void> {
  await untilCatalogueIs(home, (await statusOf(author.home)).catalogFingerprint);
  expect(await answerOf<Verified>(home, ["cache", "verify"])).toMatchObject({ damaged: [], damagedRecords: [] });
  const target = emptyFolder();
  await answerOf(home, ["marketplace", "install", idOf(count - 1), "--target", target]);
  expect(await treeFiles(join(target, idOf(count - 1)))).toEqual(await treeFiles(folder));
}

describe("one bit flipped", () => {
  it("in a record is nothing to SQLite, which gives what is there now and finds itself sound", () => {
    const path = join(emptyFolder(), "naive.db");
    const record = seededBytes("naive", 300);
    const writer = new DatabaseSync(path);
    writer.exec("CREATE TABLE records (record BLOB)");
    writer.prepare("INSERT INTO records VALUES (?)").run(record);
    writer.close();
    expect(flipEvery(path, record, 100)).toBe(1);
    const reader = new DatabaseSync(path, { readOnly: true });
    const read = reader.prepare("SELECT record FROM records").get()?.["record"];
    expect(read).toBeInstanceOf(Uint8Array);
    expect(read).not.toEqual(new Uint8Array(record));
    expect(reader.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    reader.close();
  });

  it("in the catalogue's first page: it is set aside, said, and comes back from peers", async () => {
    const home = await reader();
    flip(join(home, "catalog.db"), () => 3);
    const offline = await refusalOf(home, ["marketplace", "search", "flip"]);
    expect(offline).toMatchObject({ code: "storage.corrupt" });
    const node = await again(home);
    expect(setAside(home, "catalog.db")).toHaveLength(1);
    const status = await answerOf<Status & { warnings: string[] }>(home, ["marketplace", "p2p", "status"]);
    expect(status.warnings.join()).toContain("the catalogue was damaged");
    expect(node.output()).toContain("it was set aside");
    await expectWhole(home);
    await node.stop();
  });

  it("in a signed record: it is never passed on, found by verify, and fetched again", async () => {
    const home = await reader();
    // In the signature, at the end: SQLite's own check cannot judge it.
    const record = lastRecord(join(home, "catalog.db"));
    const fromEnd = 1 + random(32);
    // Also in what SQLite left behind of it where it stood before: which of them is read cannot be told from here.
    const copies = flipEvery(join(home, "catalog.db"), record, record.byteLength - fromEnd);
    expect(copies).toBeGreaterThan(0);
    const verified = await ggen(home, ["cache", "verify", "--json"]);
    expect(verified.code).toBe(7);
    expect((verified.json() as Verified).damagedRecords).toHaveLength(1);
    const node = await again(home);
    expect(setAside(home, "catalog.db")).toHaveLength(1);
    await expectWhole(home);
    await node.stop();
  });

  it("anywhere in any database: the node starts, and is whole again", async () => {
    const home = await reader();
    for (const [path, rounds] of [
      ["catalog.db", 3],
      ["store/store.db", 2],
      ["peers.db", 2],
    ] as const) {
      for (let round = 0; round < rounds; round += 1) {
        flip(join(home, path), anywhere);
        await ggen(home, ["cache", "verify"]);
        const node = await again(home);
        await expectWhole(home);
        expect(await node.stop()).toBe(0);
      }
    }
  });

  it("in the other databases' first pages: they are set aside and made again", async () => {
    const home = await reader();
    flip(join(home, "store/store.db"), () => 5);
    flip(join(home, "peers.db"), () => 5);
    const node = await again(home);
    expect(setAside(join(home, "store"), "store.db")).toHaveLength(1);
    expect(setAside(home, "peers.db")).toHaveLength(1);
    await expectWhole(home);
    await node.stop();
  });

  it("in each of the files that only help: the node starts all the same", async () => {
    const home = await reader();
    for (const name of ["ports.json", "lock.json"]) {
      writeFileSync(join(home, name), '{"/ip4/127.0.0.1/tcp/0":70000', { flag: "w" });
      const node = await again(home);
      expect(await node.stop()).toBe(0);
    }
  });

  it("in the node's key: refused by name, never another identity", async () => {
    const home = await reader();
    const path = join(home, "identity.key");
    const good = readFileSync(path);
    let refused = 0;
    for (let round = 0; round < 4; round += 1) {
      flip(path, (bytes) => bytes.indexOf("BEGIN PRIVATE KEY-----\n") + 48 + random(38));
      const started = await ggen(home, ["marketplace", "p2p", "start", "--listen", "/ip4/127.0.0.1/tcp/0", "--json"]);
      if (started.code !== 0) refused += 1;
      expect(started.stdout).toContain("identity.invalid");
      writeFileSync(path, good);
    }
    expect(refused).toBe(4);
  });

  it("in a stored chunk: found by verify, quarantined and fetched again", async () => {
    const home = await reader();
    const entries = readdirSync(join(home, "store/chunks"), { recursive: true, withFileTypes: true });
    const chunk = entries.find((entry) => entry.isFile());
    flip(join(chunk?.parentPath ?? "", chunk?.name ?? ""), anywhere);
    const verified = await ggen(home, ["cache", "verify", "--json"]);
    expect(verified.code).toBe(7);
    expect((verified.json() as Verified).damaged).toEqual([chunk?.name]);
    expect(readdirSync(join(home, "store/quarantine"))).toHaveLength(1);
    const node = await again(home);
    const target = emptyFolder();
    const installed = await vi.waitFor(
      () => answerOf<Installed>(home, ["marketplace", "install", idOf(count - 1), "--target", target]),
      { timeout: 30_000 },
    );
    expect(installed.packages).toMatchObject([{ source: "peers" }]);
    await expectWhole(home);
    await node.stop();
  });
});

describe("a publisher without any peer whose catalogue is lost", () => {
  it("has its releases again from its own copy, and goes on without a fork", async () => {
    const home = createHome();
    const path = join(home, "own");
    const id = "io.example.alone";
    for (const version of ["1.0.0", "1.1.0"]) {
      rmSync(path, { recursive: true, force: true });
      await answerOf(home, ["marketplace", "publish", writePackage(path, id, { version })]);
    }
    // Not a bit of it can be read.
    writeFileSync(join(home, "catalog.db"), Buffer.alloc(65_536, 0x5a));
    rmSync(path, { recursive: true, force: true });
    await answerOf(home, ["marketplace", "publish", writePackage(path, id, { version: "1.2.0" })]);
    const info = await answerOf<{ versions: { version: string }[] }>(home, ["marketplace", "info", id]);
    expect(info.versions.map(({ version }) => version)).toEqual(["1.0.0", "1.1.0", "1.2.0"]);
    const target = emptyFolder();
    await answerOf(home, ["marketplace", "install", `${id}@1.0.0`, "--target", target]);
    expect(setAside(home, "catalog.db")).toHaveLength(1);
  });
});
