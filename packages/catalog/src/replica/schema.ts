/** What the first migration makes of an empty database. The numbers before it were never released: such a one is refused. */
export const firstSchema = 6;

/**
 * Migrations in order; the database's `user_version` is {@link firstSchema} with the first, and one more with each that
 * follows. A released one is never edited.
 *
 * `operations` holds what is admitted and reconciled, `envelopes` its bytes in a short form, `signers` what is in all
 * envelopes of a signing key; `waiting` what came before its parents, one row per envelope; `listings` and what follows are
 * derived from these and can be rebuilt. What occurs often is a number: publishers, packages, sources, and as `terms`
 * categories, licenses and tags.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE publishers (publisher INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE packages (package INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE terms (term INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE sources (
    source INTEGER NOT NULL PRIMARY KEY,
    via TEXT NOT NULL,
    peer TEXT NOT NULL,
    UNIQUE (via, peer)
  ) STRICT;

  -- What stands of a release is known once its publisher was derived; a version and a status only where there is one.
  CREATE TABLE operations (
    operation INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL,
    time INTEGER NOT NULL,
    publisher INTEGER NOT NULL,
    is_genesis INTEGER NOT NULL,
    package INTEGER,
    first_seen INTEGER NOT NULL,
    source INTEGER NOT NULL,
    status INTEGER,
    version TEXT,
    yank TEXT
  ) STRICT;
  -- A part of an id finds it; whoever asks compares the rest.
  CREATE INDEX operations_by_id ON operations (substr(id, 1, 8));
  CREATE INDEX operations_by_publisher ON operations (publisher, time);
  CREATE INDEX operations_by_package ON operations (package, time) WHERE package IS NOT NULL;
  CREATE INDEX operations_of_genesis ON operations (publisher) WHERE is_genesis = 1;
  CREATE INDEX operations_by_version ON operations (package, publisher, version) WHERE status IS NOT NULL;
  CREATE VIEW releases AS
    SELECT operation, package, publisher, version, yank,
      CASE status WHEN 1 THEN 'valid' WHEN 2 THEN 'yanked' ELSE 'conflicted' END AS status
    FROM operations WHERE status IS NOT NULL;
  CREATE TABLE signers (
    signer INTEGER NOT NULL PRIMARY KEY,
    publisher INTEGER NOT NULL,
    context BLOB NOT NULL
  ) STRICT;
  CREATE INDEX signers_by_publisher ON signers (publisher);
  CREATE TABLE envelopes (
    operation INTEGER NOT NULL PRIMARY KEY,
    signer INTEGER,
    checksum INTEGER NOT NULL,
    envelope BLOB NOT NULL
  ) STRICT;

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

  -- Tags are a JSON list of terms, and once more in their index.
  CREATE TABLE listings (
    listing INTEGER NOT NULL PRIMARY KEY,
    package INTEGER NOT NULL,
    publisher INTEGER NOT NULL,
    operation INTEGER NOT NULL,
    category INTEGER,
    license INTEGER,
    tags TEXT NOT NULL,
    updated INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    UNIQUE (package, publisher)
  ) STRICT;
  CREATE INDEX listings_by_publisher ON listings (publisher, package);
  CREATE INDEX listings_by_update ON listings (updated);
  CREATE INDEX listings_by_category ON listings (category);
  CREATE INDEX listings_by_license ON listings (license);
  CREATE TABLE listing_tags (
    tag INTEGER NOT NULL,
    listing INTEGER NOT NULL,
    PRIMARY KEY (tag, listing)
  ) STRICT, WITHOUT ROWID;
  -- A name is the id, its last label behind a mark, the words in it, their first two and three letters behind another mark,
  -- and the title: one column instead of five takes a quarter less, and no query tells them apart.
  CREATE VIRTUAL TABLE listing_words USING fts5 (
    name, tags, description, authors,
    content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
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
];
