/**
 * The schema, one step per version; a step is never changed once released. `content` and `part` are what is known of the
 * trees (checked against their CIDs), `block` is what is here. A block row is written after its file is durable, and
 * exists only while a part or a running import refers to it.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE content (
    id INTEGER PRIMARY KEY,
    cid TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    sha256 TEXT NOT NULL,
    complete INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX content_used ON content (used);
  CREATE TABLE part (
    content INTEGER NOT NULL REFERENCES content (id) ON DELETE CASCADE,
    level INTEGER NOT NULL,
    start INTEGER NOT NULL,
    node INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (content, level, start)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX part_digest ON part (digest);
  CREATE TABLE block (
    digest TEXT PRIMARY KEY,
    bytes INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE pin (
    cid TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (cid, reason)
  ) STRICT, WITHOUT ROWID;
  `,
];
