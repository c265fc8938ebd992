import type { DatabaseSync } from "node:sqlite";

import type { ContentAddress } from "@ggen/p2p-types";

import { Statements } from "./statements.ts";

/** A content whose tree is known at least at its root. */
export interface ContentRow {
  readonly id: number;
  readonly cid: string;
  readonly size: number;
  /** Proven when `complete`; before that what the first who asked for the content said. */
  readonly sha256: string;
  readonly complete: boolean;
}

/** A block of a content's tree, promised by a checked node (or by the CID, for the root). */
export interface PartRow {
  /** Distance from the root. */
  readonly level: number;
  /** Number of the first leaf below (or of the leaf itself). */
  readonly start: number;
  readonly node: boolean;
  /** Content bytes below; for a leaf its own. */
  readonly size: number;
  readonly digest: string;
}

/** "ggen" in ASCII. */
const applicationId = 0x67_67_65_6e;

/** Every query of the store, typed. Nothing here touches files. */
export class StoreRows {
  readonly #sql: Statements;

  constructor(db: DatabaseSync) {
    this.#sql = new Statements(db);
  }

  close(): void {
    this.#sql.close();
  }

  /** Runs changes as one step, see {@link Statements.transaction}. @throws GgenError `storage.full`, `storage.failed` */
  transaction<T>(work: () => T, relaxed = false): T {
    return this.#sql.transaction(work, relaxed);
  }

  /** Whether the rows were once brought in line with the files: a new database beside old files was not. */
  isSettled(): boolean {
    return this.#sql.number("PRAGMA application_id") === applicationId;
  }

  setSettled(): void {
    this.#sql.run(`PRAGMA application_id = ${applicationId}`);
  }

  content(cid: string): ContentRow | undefined {
    const [row] = this.#sql.all("SELECT id, cid, size, sha256, complete FROM content WHERE cid = ?", cid);
    return row === undefined ? undefined : toContent(row);
  }

  /** All contents, the most recently used last. */
  contents(): ContentRow[] {
    return this.#sql
      .all("SELECT id, cid, size, sha256, complete FROM content ORDER BY used, id")
      .map((row) => toContent(row));
  }

  /** Adds a content with what is known of its tree, or finds it. @returns its row id */
  insertContent(address: ContentAddress, parts: readonly PartRow[], used: number): number {
    const { cid, size, sha256 } = address;
    this.#sql.run(
      "INSERT INTO content (cid, size, sha256, complete, used) VALUES (?, ?, ?, 0, ?) ON CONFLICT DO NOTHING",
      cid,
      size,
      sha256,
      used,
    );
    const id = this.#sql.number("SELECT id FROM content WHERE cid = ?", cid) ?? 0;
    this.insertParts(id, parts);
    return id;
  }

  insertParts(content: number, parts: readonly PartRow[]): void {
    for (const { level, start, node, size, digest } of parts) {
      this.#sql.run(
        "INSERT INTO part (content, level, start, node, size, digest) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
        content,
        level,
        start,
        node ? 1 : 0,
        size,
        digest,
      );
    }
  }

  /** What is known of a tree: root first, then nodes, then leaves, each in order. */
  parts(content: number): PartRow[] {
    return this.#sql
      .all("SELECT level, start, node, size, digest FROM part WHERE content = ? ORDER BY level, start", content)
      .map((row) => toPart(row));
  }

  /** Leaves from number `from` on, in order. */
  leaves(content: number, from: number, limit: number): PartRow[] {
    return this.#sql
      .all(
        "SELECT level, start, node, size, digest FROM part WHERE content = ? AND node = 0 AND start >= ? ORDER BY start LIMIT ?",
        content,
        from,
        limit,
      )
      .map((row) => toPart(row));
  }

  /** Numbers of the leaves whose blocks are here. */
  presentLeaves(content: number): number[] {
    return this.#sql
      .all(
        "SELECT start FROM part JOIN block ON block.digest = part.digest AND block.bytes = part.size WHERE content = ? AND node = 0",
        content,
      )
      .map(({ start }) => Number(start));
  }

  /** Numbers of the leaves of one digest. */
  leavesOf(content: number, digest: string): number[] {
    return this.#sql
      .all("SELECT start FROM part WHERE digest = ? AND content = ? AND node = 0", digest, content)
      .map(({ start }) => Number(start));
  }

  /** Whether a digest is a block of a content's known tree. */
  isPartOf(cid: string, digest: string): boolean {
    return (
      this.#sql.number(
        "SELECT 1 FROM part JOIN content ON content.id = part.content WHERE part.digest = ? AND content.cid = ? LIMIT 1",
        digest,
        cid,
      ) !== undefined
    );
  }

  setComplete(cid: string, sha256: string): void {
    this.#sql.run("UPDATE content SET complete = 1, sha256 = ? WHERE cid = ?", sha256, cid);
  }

  setUsed(cid: string, used: number): void {
    this.#sql.run("UPDATE content SET used = ? WHERE cid = ?", used, cid);
  }

  lastUsed(): number {
    return this.#sql.number("SELECT max(used) FROM content") ?? 0;
  }

  /** Forgets a content. @returns the digests of its tree that nothing refers to any more */
  deleteContent(cid: string): string[] {
    const row = this.content(cid);
    if (row === undefined) return [];
    const digests = new Set(this.parts(row.id).map(({ digest }) => digest));
    this.#sql.run("DELETE FROM content WHERE id = ?", row.id);
    return [...digests].filter((digest) => !this.isReferenced(digest));
  }

  /** Whether some content's tree holds this block. */
  isReferenced(digest: string): boolean {
    return this.#sql.number("SELECT 1 FROM part WHERE digest = ? LIMIT 1", digest) !== undefined;
  }

  /** Contents whose tree holds this block. */
  contentsWith(digest: string): string[] {
    return this.#sql
      .all(
        "SELECT DISTINCT cid FROM content JOIN part ON part.content = content.id WHERE part.digest = ? ORDER BY cid",
        digest,
      )
      .map((row) => row["cid"] as string);
  }

  /** Bytes of a block that is here. */
  blockBytes(digest: string): number | undefined {
    return this.#sql.number("SELECT bytes FROM block WHERE digest = ?", digest);
  }

  /** Blocks after a digest, in order of digest. */
  blocksAfter(digest: string, limit: number): { readonly digest: string; readonly bytes: number }[] {
    return this.#sql
      .all("SELECT digest, bytes FROM block WHERE digest > ? ORDER BY digest LIMIT ?", digest, limit)
      .map((row) => ({ digest: row["digest"] as string, bytes: row["bytes"] as number }));
  }

  insertBlock(digest: string, bytes: number): void {
    this.#sql.run("INSERT INTO block (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING", digest, bytes);
  }

  deleteBlock(digest: string): void {
    this.#sql.run("DELETE FROM block WHERE digest = ?", digest);
  }

  /** Says that a block is not here any more, and with it the contents that need it are not complete. */
  loseBlock(digest: string): void {
    this.deleteBlock(digest);
    this.#sql.run("UPDATE content SET complete = 0 WHERE id IN (SELECT content FROM part WHERE digest = ?)", digest);
  }

  blockTotals(): { readonly blocks: number; readonly bytes: number } {
    const [row] = this.#sql.all("SELECT count(*) AS blocks, coalesce(sum(bytes), 0) AS bytes FROM block");
    return { blocks: Number(row?.["blocks"]), bytes: Number(row?.["bytes"]) };
  }

  /** Bytes of the blocks that only evictable contents need. @param busy - CIDs kept for a reason not stored here */
  evictableBytes(busy: readonly string[]): number {
    const sql = `
      WITH kept AS (
        SELECT id FROM content
        WHERE cid IN (SELECT value FROM json_each(?)) OR cid IN (SELECT cid FROM pin)
      )
      SELECT coalesce(sum(bytes), 0) FROM block
      WHERE EXISTS (SELECT 1 FROM part WHERE part.digest = block.digest)
        AND NOT EXISTS (SELECT 1 FROM part WHERE part.digest = block.digest AND part.content IN kept)`;
    return this.#sql.number(sql, JSON.stringify(busy)) ?? 0;
  }

  /** CIDs of contents without a pin, the least recently used first. */
  unpinned(): string[] {
    return this.#sql
      .all("SELECT cid FROM content WHERE cid NOT IN (SELECT cid FROM pin) ORDER BY used, id")
      .map((row) => row["cid"] as string);
  }

  pins(cid: string): string[] {
    return this.#sql
      .all("SELECT reason FROM pin WHERE cid = ? ORDER BY reason", cid)
      .map((row) => row["reason"] as string);
  }

  addPin(cid: string, reason: string): void {
    this.#sql.run("INSERT INTO pin (cid, reason) VALUES (?, ?) ON CONFLICT DO NOTHING", cid, reason);
  }

  removePin(cid: string, reason: string): void {
    this.#sql.run("DELETE FROM pin WHERE cid = ? AND reason = ?", cid, reason);
  }

  contentCounts(): { readonly contents: number; readonly pinned: number } {
    return {
      contents: this.#sql.number("SELECT count(*) FROM content") ?? 0,
      pinned: this.#sql.number("SELECT count(*) FROM content WHERE cid IN (SELECT cid FROM pin)") ?? 0,
    };
  }
}

function toContent(row: Record<string, unknown>): ContentRow {
  return {
    id: row["id"] as number,
    cid: row["cid"] as string,
    size: row["size"] as number,
    sha256: row["sha256"] as string,
    complete: row["complete"] === 1,
  };
}

function toPart(row: Record<string, unknown>): PartRow {
  return {
    level: row["level"] as number,
    start: row["start"] as number,
    node: row["node"] === 1,
    size: row["size"] as number,
    digest: row["digest"] as string,
  };
}
