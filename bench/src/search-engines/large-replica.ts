import { openCatalog } from "@ggen/p2p-catalog";
import { createSigner, encodeOperation, sha256, systemClock, toHex, toPublisherId } from "@ggen/p2p-types";
import type { Manifest, Operation } from "@ggen/p2p-types";
import { DatabaseSync } from "node:sqlite";
import type { SearchDocument } from "../judged/judged-set.ts";
import type { SyntheticPackage } from "../judged/synthetic-documents.ts";
import { spreadId } from "./search-engine.ts";

const time = 1_760_000_000;
const perPublisher = 5000;
// A CIDv1 (raw, sha2-256); which one does not matter to a search.
const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

/**
 * Writes releases straight into the tables of a replica, without signatures: what is searched is what `accept` would
 * have written, in a small part of the time. Such a replica is for searching only.
 * @param path - of the database, which is made
 */
export async function writeReplica(path: string, packages: Iterable<SyntheticPackage>): Promise<void> {
  await openCatalog({ path, clock: systemClock }).close();
  const db = new DatabaseSync(path);
  db.exec("PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN");
  const statements = {
    publisher: db.prepare("INSERT INTO publishers (name) VALUES (?) RETURNING publisher"),
    package: db.prepare("INSERT INTO packages (name) VALUES (?) RETURNING package"),
    operation: db.prepare(
      "INSERT INTO operations (id, time, publisher, type, package, first_seen, source) VALUES (?, ?, ?, 'release', ?, ?, 1) RETURNING operation",
    ),
    envelope: db.prepare("INSERT INTO envelopes (operation, envelope) VALUES (?, ?)"),
    release: db.prepare(
      "INSERT INTO releases (operation, package, publisher, status, version) VALUES (?, ?, ?, 'valid', '1.0.0')",
    ),
    listing: db.prepare(
      `INSERT INTO listings (package, publisher, operation, name, category, license, updated, first_seen)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING listing`,
    ),
    words: db.prepare(
      "INSERT INTO listing_words (rowid, id, words, title, tags, description, authors) VALUES (?, ?, ?, ?, ?, ?, ?)",
    ),
    tag: db.prepare("INSERT INTO listing_tags (tag, listing) VALUES (?, ?)"),
  };
  db.exec("INSERT INTO sources (source, via, peer) VALUES (1, 'sync', '')");
  const numberIn = (row: ReturnType<(typeof statements)["package"]["get"]>): number =>
    Number(Object.values(row ?? {})[0]);
  let publisher: { name: string; number: number; key: Uint8Array } = { name: "", number: 0, key: new Uint8Array(32) };
  let count = 0;
  for (const { document } of packages) {
    if (count % perPublisher === 0) {
      const key = createSigner(sha256(new TextEncoder().encode(`bench ${count}`))).publicKey;
      const name = toPublisherId(toHex(sha256(key)));
      publisher = { name, number: numberIn(statements.publisher.get(name)), key };
    }
    count += 1;
    const manifest = toManifest(document);
    const unsigned = encodeOperation({
      v: 1,
      type: "release",
      time,
      publisher: publisher.name,
      key: toHex(publisher.key),
      seq: 1,
      prev: null,
      id: document.id,
      version: "1.0.0",
      manifest,
      content: { cid, size: 1024, sha256: toHex(sha256(new TextEncoder().encode(document.id))) },
    } as Operation);
    const id = document.id.toLowerCase();
    const owned = numberIn(statements.package.get(id));
    const operation = numberIn(statements.operation.get(sha256(unsigned), time, publisher.number, owned, time));
    statements.envelope.run(operation, unsignedEnvelope(unsigned, publisher.key));
    statements.release.run(operation, owned, publisher.number);
    const { title, category, license, tags, keywords, description, authors } = manifest;
    const lower = (text: string | undefined): string | null => text?.toLowerCase() ?? null;
    const listing = numberIn(
      statements.listing.get(
        id,
        publisher.name,
        operation,
        title.toLowerCase(),
        lower(category),
        lower(license),
        time,
        count,
      ),
    );
    const allTags = [...tags, ...keywords, category ?? ""].join("\n");
    // Of the id only what its own separators do not give.
    const words = spreadId(document.id).slice(document.id.length);
    statements.words.run(listing, document.id, words, title, allTags, description, authors.join("\n"));
    for (const tag of new Set(tags.map((text) => text.toLowerCase()))) statements.tag.run(tag, listing);
  }
  db.exec("COMMIT; PRAGMA journal_mode = WAL");
  db.close();
}

/** The DAG-CBOR map `{op, sigs: [{key, sig}]}` around an operation, with a signature of zeros. */
function unsignedEnvelope(unsigned: Uint8Array, key: Uint8Array): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(unsigned.byteLength);
  return Buffer.concat([
    Buffer.from("a2626f7059", "hex"),
    length,
    unsigned,
    Buffer.from("647369677381a2636b65795820", "hex"),
    key,
    Buffer.from("637369675840", "hex"),
    Buffer.alloc(64),
  ]);
}

function toManifest(document: SearchDocument): Manifest {
  const { id: _, category, license, ...rest } = document;
  return {
    ...rest,
    ...(category === undefined ? {} : { category }),
    ...(license === undefined ? {} : { license }),
    dependencies: {},
    requires: [],
  };
}
