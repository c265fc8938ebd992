/**
 * Migrations in order; the database's `user_version` is how many were applied. A released one is never edited.
 *
 * `operations` holds what is admitted and reconciled, `envelopes` its bytes; `waiting` what came before its parents, one row per envelope;
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
  // Publishers, packages and sources by number, no copy of what the envelope says: a third of the bytes of a release.
  `
  CREATE TABLE publishers (publisher INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  INSERT INTO publishers (name) SELECT DISTINCT publisher FROM operations;
  CREATE TABLE packages (package INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  INSERT INTO packages (name) SELECT DISTINCT package FROM operations WHERE package IS NOT NULL;
  CREATE TABLE sources (
    source INTEGER NOT NULL PRIMARY KEY,
    via TEXT NOT NULL,
    peer TEXT NOT NULL,
    UNIQUE (via, peer)
  ) STRICT;
  INSERT INTO sources (via, peer) SELECT DISTINCT via, coalesce(peer, '') FROM operations;

  ALTER TABLE operations RENAME TO older_operations;
  ALTER TABLE releases RENAME TO older_releases;
  ALTER TABLE listings RENAME TO older_listings;
  CREATE TABLE operations (
    operation INTEGER NOT NULL PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    time INTEGER NOT NULL,
    publisher INTEGER NOT NULL,
    type TEXT NOT NULL,
    package INTEGER,
    first_seen INTEGER NOT NULL,
    source INTEGER NOT NULL
  ) STRICT;
  INSERT INTO operations
    SELECT o.rowid, o.id, o.time, p.publisher, o.type, n.package, o.first_seen, s.source
    FROM older_operations o JOIN publishers p ON p.name = o.publisher LEFT JOIN packages n ON n.name = o.package
    JOIN sources s ON s.via = o.via AND s.peer = coalesce(o.peer, '');
  CREATE TABLE envelopes (operation INTEGER NOT NULL PRIMARY KEY, envelope BLOB NOT NULL, digest BLOB) STRICT;
  INSERT INTO envelopes SELECT rowid, envelope, substr(digest, 1, 16) FROM older_operations;
  CREATE TABLE releases (
    operation INTEGER NOT NULL PRIMARY KEY,
    package INTEGER NOT NULL,
    publisher INTEGER NOT NULL,
    status TEXT NOT NULL,
    version TEXT NOT NULL,
    yank TEXT
  ) STRICT;
  INSERT INTO releases
    SELECT o.operation, o.package, o.publisher, r.status, json_extract(r.document, '$.version'), r.yank
    FROM older_releases r JOIN operations o ON o.id = r.operation;
  CREATE TABLE listings (
    listing INTEGER NOT NULL PRIMARY KEY,
    package TEXT NOT NULL,
    publisher TEXT NOT NULL,
    operation INTEGER NOT NULL,
    name TEXT NOT NULL,
    category TEXT,
    license TEXT,
    updated INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    UNIQUE (package, publisher)
  ) STRICT;
  INSERT INTO listings
    SELECT l.listing, l.package, l.publisher, o.operation, l.name, l.category,
      lower(json_extract(r.document, '$.license')), l.updated, l.first_seen
    FROM older_listings l JOIN operations o ON o.id = l.operation JOIN older_releases r ON r.operation = l.operation;
  DROP TABLE older_operations;
  DROP TABLE older_releases;
  DROP TABLE older_listings;
  CREATE INDEX operations_by_publisher ON operations (publisher, time);
  CREATE INDEX operations_by_package ON operations (package, time) WHERE package IS NOT NULL;
  CREATE INDEX operations_of_genesis ON operations (publisher) WHERE type = 'genesis';
  CREATE INDEX releases_by_version ON releases (package, publisher, version);
  CREATE INDEX listings_by_publisher ON listings (publisher, package);
  INSERT OR REPLACE INTO meta SELECT 'listed', CAST(coalesce(max(operation), 0) AS TEXT) FROM releases;
  `,
  // What search filters, orders and pages by without reading every row; `label` is the id's last one, without separators.
  `
  ALTER TABLE listings ADD COLUMN label TEXT GENERATED ALWAYS AS (
    replace(replace(substr(package, length(rtrim(package, replace(package, '.', ''))) + 1), '-', ''), '_', '')
  ) VIRTUAL;
  CREATE INDEX listings_by_label ON listings (label);
  CREATE INDEX listings_by_name ON listings (name);
  CREATE INDEX listings_by_update ON listings (updated);
  CREATE INDEX listings_by_category ON listings (category);
  CREATE INDEX listings_by_license ON listings (license);
  CREATE INDEX listing_tags_by_tag ON listing_tags (tag, listing);
  `,
];
