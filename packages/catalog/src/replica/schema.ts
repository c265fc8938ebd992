/**
 * Migrations in order; the database's `user_version` is how many were applied. A released one is never edited.
 *
 * `operations` holds what is admitted and reconciled; `waiting` what came before its parents, one row per envelope;
 * `releases`, `listings` and what follows are derived from `operations` and can be rebuilt.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE operations (
    id BLOB NOT NULL PRIMARY KEY,
    time INTEGER NOT NULL,
    publisher TEXT NOT NULL,
    type TEXT NOT NULL,
    package TEXT,
    envelope BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    via TEXT NOT NULL,
    peer TEXT
  ) STRICT;
  CREATE INDEX operations_by_time ON operations (time, id);
  CREATE INDEX operations_by_publisher ON operations (publisher, time, id);
  CREATE INDEX operations_by_package ON operations (package, time, id) WHERE package IS NOT NULL;

  CREATE TABLE waiting (
    arrival INTEGER NOT NULL PRIMARY KEY,
    digest BLOB NOT NULL UNIQUE,
    id BLOB NOT NULL,
    publisher TEXT NOT NULL,
    envelope BLOB NOT NULL,
    first_seen INTEGER NOT NULL,
    via TEXT NOT NULL,
    peer TEXT
  ) STRICT;
  CREATE INDEX waiting_by_publisher ON waiting (publisher, arrival);

  CREATE TABLE releases (
    operation BLOB NOT NULL PRIMARY KEY,
    publisher TEXT NOT NULL,
    package TEXT NOT NULL,
    status TEXT NOT NULL,
    yank TEXT,
    document TEXT NOT NULL
  ) STRICT;
  CREATE INDEX releases_by_package ON releases (package, publisher);
  CREATE INDEX releases_by_publisher ON releases (publisher, package);

  CREATE TABLE listings (
    listing INTEGER NOT NULL PRIMARY KEY,
    package TEXT NOT NULL,
    publisher TEXT NOT NULL,
    operation BLOB NOT NULL,
    name TEXT NOT NULL,
    category TEXT,
    updated INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    UNIQUE (package, publisher)
  ) STRICT;
  CREATE INDEX listings_by_publisher ON listings (publisher, package);
  CREATE TABLE listing_tags (
    tag TEXT NOT NULL,
    listing INTEGER NOT NULL,
    PRIMARY KEY (listing, tag)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE listing_words USING fts5 (
    id, words, title, tags, description, authors,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
  );
  CREATE VIRTUAL TABLE vocabulary USING fts5vocab (listing_words, row);

  CREATE TABLE trust (
    publisher TEXT NOT NULL PRIMARY KEY,
    trusted INTEGER NOT NULL,
    nickname TEXT UNIQUE COLLATE NOCASE
  ) STRICT;
  CREATE TABLE owners (
    package TEXT NOT NULL PRIMARY KEY,
    publisher TEXT NOT NULL
  ) STRICT;
  CREATE TABLE meta (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  `,
  // sha2-256 of the envelope: its id covers what is signed, not the signatures. Absent in rows that are older than this.
  "ALTER TABLE operations ADD COLUMN digest BLOB",
  // Whether a version was released is asked for every release that comes.
  `
  ALTER TABLE releases ADD COLUMN version TEXT;
  UPDATE releases SET version = json_extract(document, '$.version');
  DROP INDEX releases_by_publisher;
  CREATE INDEX releases_by_publisher ON releases (publisher, package, version);
  `,
];
