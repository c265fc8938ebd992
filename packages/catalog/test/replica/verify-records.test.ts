import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, it, onTestFinished } from "vitest";

import { openCatalog } from "../../src/index.ts";
import { operationInRow, verifyRecords } from "../../src/replica/verify-records.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testClock, testFolder } from "./folder.ts";

const owner = publisherWithKey("owner");
const release = owner.release("laptop");
const yank = owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "leaks" });
const again = owner.chain("laptop", { type: "unyank", id: "io.example.demo", version: "1.0.0" });

/** A closed catalogue's database with all operations of some publishers. */
async function databaseOf(publishers: readonly (typeof owner)[]): Promise<DatabaseSync> {
  const path = join(testFolder(), "catalog.db");
  const catalog = openCatalog({ path, clock: testClock });
  const envelopes = publishers.flatMap(({ operations }) => operations.map(({ envelope }) => envelope));
  await catalog.accept(envelopes, { via: "sync" });
  await catalog.close();
  const db = new DatabaseSync(path);
  onTestFinished(() => db.close());
  return db;
}

const place = `(SELECT operation FROM operations WHERE id = x'${release.id}')`;
const placeOf = ({ id }: { readonly id: string }): string => `(SELECT operation FROM operations WHERE id = x'${id}')`;

it("says which record is not what its row says, whatever was changed", async () => {
  const db = await databaseOf([owner, publisherWithKey("other")]);
  const all = { checked: owner.operations.length + 2, damaged: [] as string[] };
  expect(await verifyRecords(db)).toEqual(all);
  const changes: readonly (readonly [sql: string, damaged: readonly string[]])[] = [
    [`UPDATE operations SET time = time + 1 WHERE operation = ${place}`, [release.id]],
    [`UPDATE operations SET publisher = 3 - publisher WHERE operation = ${place}`, [release.id]],
    [`UPDATE operations SET package = NULL WHERE operation = ${place}`, [release.id]],
    [`UPDATE operations SET package = 1 WHERE operation = ${placeOf(owner.genesis)}`, [owner.genesis.id]],
    [`UPDATE packages SET name = 'io.example.taken'`, [release.id, yank.id, again.id]],
    [`UPDATE operations SET version = '1.0.1' WHERE operation = ${place}`, [release.id]],
    [`UPDATE operations SET version = '1.0.0' WHERE operation = ${placeOf(yank)}`, [yank.id]],
    [`DELETE FROM envelopes WHERE operation = ${place}`, [release.id]],
    [`UPDATE envelopes SET checksum = checksum + 1 WHERE operation = ${place}`, [release.id]],
    ["UPDATE signers SET context = zeroblob(64)", [release.id, yank.id, again.id]],
    // Each is whole, in the place of the other.
    [
      `UPDATE envelopes SET operation = -1 WHERE operation = ${placeOf(yank)};
       UPDATE envelopes SET operation = ${placeOf(yank)} WHERE operation = ${placeOf(again)};
       UPDATE envelopes SET operation = ${placeOf(again)} WHERE operation = -1`,
      [yank.id, again.id],
    ],
  ];
  for (const [sql, damaged] of changes) {
    db.exec(`BEGIN; ${sql}`);
    expect({ sql, ...(await verifyRecords(db)) }).toEqual({ sql, ...all, damaged });
    db.exec("ROLLBACK");
  }
});

it("is no operation in a row: nothing, what is none, and another one than the row's", () => {
  expect(operationInRow(release.id, release.envelope)?.id).toBe(release.id);
  for (const envelope of [undefined, new Uint8Array(40), yank.envelope]) {
    expect(operationInRow(release.id, envelope)).toBeUndefined();
  }
});

it("goes through all records, and stops when it is told to", async () => {
  const db = await databaseOf([owner]);
  // Of none of them there is an envelope.
  db.exec(`
    WITH RECURSIVE n(at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at < 196)
    INSERT INTO operations (id, time, publisher, is_genesis, first_seen, source)
      SELECT randomblob(32), 1, 1, 0, 0, 1 FROM n
  `);
  expect(await verifyRecords(db)).toMatchObject({ checked: 202, damaged: { length: 197 } });
  expect(await verifyRecords(db, new AbortController().signal)).toMatchObject({ checked: 202 });
  await expect(verifyRecords(db, AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
  db.exec("DELETE FROM operations WHERE operation > 200");
  expect(await verifyRecords(db)).toMatchObject({ checked: 200 });
});
