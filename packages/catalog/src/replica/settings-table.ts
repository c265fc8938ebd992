import type { DatabaseSync, SQLOutputValue } from "node:sqlite";

import { GgenError, isPublisherId, normalizePackageId, type PublisherId } from "@ggen/p2p-types";

import type { KnownPublisher } from "./catalog.ts";

const nicknamePattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const minPrefixLength = 8;
const maxMetaLength = 16 * 1024 * 1024;

/** What the user decided: whom to trust, what to call them, whose an id is; and small values of the layers above. */
export class SettingsTable {
  readonly #db: DatabaseSync;
  #known: ReadonlySet<PublisherId> | undefined;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** @throws GgenError `usage.invalid` */
  setTrust(publisher: PublisherId, { trusted, nickname }: { trusted: boolean; nickname?: string | undefined }): void {
    if (nickname !== undefined) this.#checkNickname(publisher, nickname);
    this.#known = undefined;
    this.#db
      .prepare(
        `INSERT INTO trust VALUES (?1, ?2, ?3)
         ON CONFLICT (publisher) DO UPDATE SET trusted = ?2, nickname = coalesce(?3, nickname)`,
      )
      .run(publisher, trusted ? 1 : 0, nickname ?? null);
  }

  trusted(): Set<PublisherId> {
    const rows = this.#db.prepare("SELECT publisher FROM trust WHERE trusted = 1").all();
    return new Set(rows.map((row) => String(row["publisher"])));
  }

  nicknameOf(publisher: PublisherId): string | undefined {
    const row = this.#db.prepare("SELECT nickname FROM trust WHERE publisher = ?").get(publisher);
    return typeof row?.["nickname"] === "string" ? row["nickname"] : undefined;
  }

  /** Whether the user decided something for this publisher. */
  isKnown(publisher: PublisherId): boolean {
    return (
      this.#db
        .prepare(
          `SELECT 1 WHERE EXISTS (SELECT 1 FROM trust WHERE publisher = ?1 AND trusted = 1)
           OR EXISTS (SELECT 1 FROM owners WHERE publisher = ?1)`,
        )
        .get(publisher) !== undefined
    );
  }

  /** @throws GgenError `publisher.not-found` */
  resolvePublisher(text: string): PublisherId {
    if (isPublisherId(text)) return text;
    const named = this.#db.prepare("SELECT publisher FROM trust WHERE nickname = ? COLLATE NOCASE").get(text);
    if (named !== undefined) return String(named["publisher"]);
    const shown = text.slice(0, 80);
    if (text.length < minPrefixLength || !/^[a-z2-7]+$/.test(text.replace(/^ggen1/, ""))) {
      throw new GgenError("publisher.not-found", `No publisher is called "${shown}"`, {
        expected: `an id, the first ${minPrefixLength} or more characters of one, or a nickname`,
        got: JSON.stringify(shown),
      });
    }
    const found = this.#db
      .prepare(
        `SELECT name AS publisher FROM publishers WHERE name >= ?1 AND name < ?2
           AND publisher IN (SELECT publisher FROM operations WHERE is_genesis = 1)
         UNION SELECT publisher FROM trust WHERE publisher >= ?1 AND publisher < ?2 LIMIT 2`,
      )
      .all(text, `${text}~`)
      .map((row) => String(row["publisher"]));
    const [publisher, another] = found;
    if (publisher !== undefined && another === undefined) return publisher;
    throw new GgenError(
      "publisher.not-found",
      publisher === undefined ? `No publisher's id begins with "${shown}"` : `Several ids begin with "${shown}"`,
      publisher === undefined ? {} : { expected: "more characters of the id", data: { publishers: found } },
    );
  }

  publishers(): KnownPublisher[] {
    const rows = this.#db
      .prepare(
        `SELECT p.publisher, coalesce(t.trusted, 0) AS trusted, t.nickname,
           (SELECT count(*) FROM listings l JOIN publishers n ON n.publisher = l.publisher WHERE n.name = p.publisher)
             AS packages
         FROM (SELECT n.name AS publisher FROM operations o JOIN publishers n ON n.publisher = o.publisher
               WHERE o.is_genesis = 1 UNION SELECT publisher FROM trust) p
         LEFT JOIN trust t ON t.publisher = p.publisher ORDER BY p.publisher`,
      )
      .all();
    return rows.map((row) => toKnownPublisher(row));
  }

  countPublishers(): number {
    return Number(this.#db.prepare("SELECT count(*) AS n FROM operations WHERE is_genesis = 1").get()?.["n"]);
  }

  pinOwner(id: string, publisher: PublisherId | undefined): void {
    const name = normalizePackageId(id);
    this.#known = undefined;
    if (publisher === undefined) this.#db.prepare("DELETE FROM owners WHERE package = ?").run(name);
    // What is known already is not written again: an install from the store works on a full disk, too.
    else if (this.pinnedOwner(name) !== publisher)
      this.#db.prepare("INSERT OR REPLACE INTO owners VALUES (?, ?)").run(name, publisher);
  }

  pinnedOwner(id: string): PublisherId | undefined {
    const row = this.#db.prepare("SELECT publisher FROM owners WHERE package = ?").get(normalizePackageId(id));
    return row === undefined ? undefined : String(row["publisher"]);
  }

  /** Publishers to whom the user gave an id. */
  pinnedOwners(): Set<PublisherId> {
    const rows = this.#db.prepare("SELECT DISTINCT publisher FROM owners").all();
    return new Set(rows.map((row) => String(row["publisher"])));
  }

  /** Publishers for whom the user decided something: trusted ones, and those whom an id was given to. */
  known(): ReadonlySet<PublisherId> {
    return (this.#known ??= new Set([...this.trusted(), ...this.pinnedOwners()]));
  }

  meta(key: string): string | undefined {
    const row = this.#db.prepare("SELECT value FROM meta WHERE key = ?").get(key);
    return row === undefined ? undefined : String(row["value"]);
  }

  setMeta(key: string, value: string | undefined): void {
    if (value === undefined) {
      this.#db.prepare("DELETE FROM meta WHERE key = ?").run(key);
      return;
    }
    if (value.length > maxMetaLength) throw new RangeError(`a value of ${value.length} characters is too long`);
    this.#db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)").run(key, value);
  }

  #checkNickname(publisher: PublisherId, nickname: string): void {
    if (!nicknamePattern.test(nickname) || nickname.toLowerCase().startsWith("ggen1")) {
      throw new GgenError("usage.invalid", `"${nickname.slice(0, 80)}" cannot be a nickname`, {
        expected: "1-64 characters of A-Z a-z 0-9 . _ -, not beginning with ggen1",
      });
    }
    const taken = this.#db
      .prepare("SELECT publisher FROM trust WHERE nickname = ? COLLATE NOCASE AND publisher <> ?")
      .get(nickname, publisher);
    if (taken === undefined) return;
    throw new GgenError("usage.invalid", `The nickname "${nickname}" is taken`, {
      got: String(taken["publisher"]),
      hint: "Choose another nickname.",
    });
  }
}

function toKnownPublisher(row: Record<string, SQLOutputValue>): KnownPublisher {
  const nickname = row["nickname"];
  return {
    publisher: String(row["publisher"]),
    trusted: row["trusted"] === 1,
    ...(typeof nickname === "string" ? { nickname } : {}),
    packages: Number(row["packages"]),
  };
}
