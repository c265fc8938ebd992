import type { DatabaseSync } from "node:sqlite";

import {
  type AcceptReport,
  fromHex,
  GgenError,
  isPackageId,
  type OperationId,
  type PackageUpdate,
  type PublisherId,
  silentLogger,
  type SignedOperation,
  toHex,
} from "@ggen/p2p-types";

import type { MutableReconcileIndex } from "../reconcile/reconcile-index.ts";
import { fingerprintDigest } from "../reconcile/sum256.ts";
import { publisherOf } from "../rules/operation-set.ts";
import { checkQuery } from "../search/check-query.ts";
import { findSearchWorker, SearchClient } from "../search/search-client.ts";
import { applyOperations, type PublisherChange, updatesOf } from "./apply-operations.ts";
import type { Catalog, CatalogInit } from "./catalog.ts";
import { checkEnvelopes } from "./check-envelopes.ts";
import { guarded, inTransaction, openForReading } from "./database.ts";
import {
  defaultMaxBytes,
  maxAheadSeconds,
  maxOperations,
  maxOperationsOfKnown,
  maxOperationsOfStranger,
} from "./limits.ts";
import { OperationTable, type Origin } from "./operation-table.ts";
import { PublisherStore, type StoredPublisher } from "./publisher-store.ts";
import { ReleaseTable } from "./release-table.ts";
import { markDamaged, openSound, type SoundDatabase } from "./set-aside.ts";
import { SettingsTable } from "./settings-table.ts";
import { verifyRecords } from "./verify-records.ts";

/**
 * Opens the catalogue: for writing (one process at a time), or for reading beside the process that writes. A missing
 * database reads as an empty one. Opened for writing, a damaged one is set aside and an empty one takes its place: see
 * `setAside` and `restoreCatalog`.
 * @throws GgenError `storage.newer` (nothing was changed), `storage.full`, `storage.failed`; with `readOnly` also
 * `storage.corrupt`
 */
export function openCatalog(init: CatalogInit): Catalog {
  const { path, clock, readOnly = false, logger = silentLogger, maxBytes = defaultMaxBytes } = init;
  const { db, absent, setAside }: SoundDatabase = readOnly ? openForReading(path) : openSound(path, clock, logger);
  const denied = [...new Set(init.denyPublishers)];
  const deniedSet = new Set(denied);
  const use = <T>(run: () => T): T => guarded(path, run);

  const onDamaged = (operation: OperationId): void => {
    logger.log("warn", "A stored record is damaged; the catalogue is set aside when it is opened next", { operation });
    if (!readOnly) use(() => markDamaged(db));
  };

  let parts: ReturnType<typeof openParts>;
  try {
    parts = use(() => openParts(db, readOnly, onDamaged));
  } catch (error) {
    db.close();
    throw error;
  }
  const { operations, releases, settings, publishers, index } = parts;
  const search = new SearchClient(path, clock, () => new URL(init.searchWorkerUrl ?? findSearchWorker()));
  const listeners = new Set<(update: PackageUpdate) => void>();
  let tail: Promise<unknown> = Promise.resolve();

  const refuseWrite = (): void => {
    if (readOnly) throw new GgenError("storage.failed", `The catalogue ${path} was opened for reading only`);
  };

  const write = <T>(run: () => T): T => {
    refuseWrite();
    return use(run);
  };

  /** Takes in what is well signed: everything of one call becomes durable together. */
  const store = (fresh: readonly SignedOperation[], origin: Origin): Omit<AcceptReport, "rejected"> => {
    const now = clock.now();
    const deferred: OperationId[] = [];
    const byPublisher = new Map<PublisherId, SignedOperation[]>();
    let room = maxOperations - index().size;
    const isFull = origin.via !== "local" && databaseBytes(db) >= maxBytes;
    for (const signed of fresh) {
      const publisher = publisherOf(signed);
      const batch = byPublisher.get(publisher) ?? [];
      const tooEarly = signed.operation.time > now / 1000 + maxAheadSeconds;
      const overQuota =
        origin.via !== "local" && (isFull || room <= 0 || !hasRoom(publishers.get(publisher), batch.length, settings));
      if (tooEarly || overQuota) {
        deferred.push(signed.id);
        continue;
      }
      room--;
      batch.push(signed);
      byPublisher.set(publisher, batch);
    }
    const changes = Array.from(byPublisher, ([publisher, batch]) => applyOperations(publishers.get(publisher), batch));
    if (changes.some(isChange)) {
      const seenAt = Math.min(now, origin.firstSeenMs ?? now);
      const stored = inTransaction(db, () => changes.map((change) => writeChange(parts, change, seenAt, origin)));
      // The cache and the index follow only what is durable.
      for (const entry of stored) publishers.put(entry);
      for (const { inserted } of changes) {
        for (const { id, operation } of inserted) index().insert(operation.time, fromHex(id));
      }
    }
    notify(changes.flatMap((change) => updatesOf(change, origin.via)));
    const given = new Set(fresh.map(({ id }) => id));
    for (const { dropped } of changes) deferred.push(...dropped);
    const setAside = new Set(deferred);
    const isNew = new Set(
      changes.flatMap(({ inserted, replaced, waits }) => [...inserted, ...replaced, ...waits].map(({ id }) => id)),
    );
    const rest = [...given].filter((id) => !setAside.has(id));
    return {
      accepted: rest.filter((id) => isNew.has(id)),
      known: rest.filter((id) => !isNew.has(id)),
      deferred: [...setAside],
    };
  };

  const notify = (updates: readonly PackageUpdate[]): void => {
    for (const update of updates) {
      for (const listener of listeners) {
        try {
          listener(update);
        } catch (error) {
          logger.log("error", "A subscriber of the catalogue failed", { error: String(error) });
        }
      }
    }
  };

  const refresh = readOnly ? createRefresh(db, parts) : (): void => {};
  const read = <T>(run: () => T): T => {
    refresh();
    return use(run);
  };

  return {
    ...(setAside === undefined ? {} : { setAside }),
    async verify({ signal } = {}) {
      const report = await verifyRecords(db, signal);
      for (const id of report.damaged) onDamaged(id);
      return report;
    },
    has: (id) => read(() => operations.has(id)),
    envelopes: (ids) =>
      read(() => ids.map((id) => operations.soundEnvelope(id)).filter((envelope) => envelope !== undefined)),
    idsOf: (selector, limit) =>
      read(() =>
        "publisher" in selector
          ? operations.idsOfPublisher(selector.publisher, Math.max(0, limit))
          : operations.idsOfPackage(selector.package.toLowerCase(), Math.max(0, limit)),
      ),
    async accept(envelopes, origin) {
      refuseWrite();
      const { fresh, known, rejected } = await checkEnvelopes(envelopes, operations);
      const turn = tail.then(() => use(() => store(fresh, origin)));
      tail = turn.catch(() => {});
      const report = await turn;
      return { ...report, known: [...known, ...report.known], rejected };
    },
    reconcileIndex: () => read(index),
    fingerprint: () => read(() => toHex(fingerprintDigest(index().sum(0, index().size), index().size))),

    async search(query, { signal } = {}) {
      const request = checkQuery(query, denied);
      if (absent) return { results: [], total: 0 };
      return search.search(request, signal);
    },
    entry: (id) => read(() => (isPackageId(id) ? releases.entry(id.toLowerCase(), deniedSet) : undefined)),
    release: (operation) => read(() => releases.release(operation)),
    packagesOf: (publisher) => read(() => releases.newestOf(publisher)),
    publisherState: (publisher) =>
      read(() => {
        const { state, admitted, waiting } = publishers.get(publisher);
        return admitted.size + waiting.length === 0 ? undefined : state;
      }),
    publishers: () => read(() => settings.publishers()),
    nextLink: (publisher, key) =>
      read(() => {
        const head = publishers.get(publisher).state.signingKeys.get(key)?.head;
        return head === undefined ? { seq: 1, prev: null } : { seq: head.seq + 1, prev: head.id };
      }),
    authorityHead: (publisher) => read(() => publishers.get(publisher).state.authorityHead),
    firstSeen: (operation) => read(() => operations.firstSeen(operation)),

    setTrust: (publisher, trust) => write(() => settings.setTrust(publisher, trust)),
    trusted: () => read(() => settings.trusted()),
    nicknameOf: (publisher) => read(() => settings.nicknameOf(publisher)),
    resolvePublisher: (text) => read(() => settings.resolvePublisher(text)),
    pinOwner: (id, publisher) => write(() => settings.pinOwner(id, publisher)),
    pinnedOwner: (id) => read(() => settings.pinnedOwner(id)),
    pinnedOwners: () => read(() => settings.pinnedOwners()),
    meta: (key) => read(() => settings.meta(key)),
    setMeta: (key, value) => write(() => settings.setMeta(key, value)),

    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    counts: () =>
      read(() => ({
        operations: index().size,
        packages: releases.countPackages(),
        publishers: settings.countPublishers(),
      })),
    async close() {
      await search.close();
      await tail;
      if (db.isOpen) db.close();
    },
  };
}

interface Parts {
  readonly operations: OperationTable;
  readonly releases: ReleaseTable;
  readonly settings: SettingsTable;
  readonly publishers: PublisherStore;
  readonly index: () => MutableReconcileIndex;
  /** Makes the index be read anew. */
  readonly forgetIndex: () => void;
}

function openParts(db: DatabaseSync, isLazy: boolean, onDamaged: (id: OperationId) => void): Parts {
  const operations = new OperationTable(db, onDamaged);
  const releases = new ReleaseTable(db);
  // A reader that never reconciles need not read every id.
  let index = isLazy ? undefined : operations.buildIndex();
  return {
    operations,
    releases,
    settings: new SettingsTable(db),
    publishers: new PublisherStore(operations, releases),
    index: () => (index ??= operations.buildIndex()),
    forgetIndex: () => {
      index = undefined;
    },
  };
}

/** Lets go of what is cached when another process has written. */
function createRefresh(db: DatabaseSync, { publishers, forgetIndex }: Parts): () => void {
  const version = db.prepare("PRAGMA data_version");
  let seen: unknown = version.get()?.["data_version"];
  return () => {
    const current: unknown = version.get()?.["data_version"];
    if (current === seen) return;
    seen = current;
    publishers.forgetAll();
    forgetIndex();
  };
}

function databaseBytes(db: DatabaseSync): number {
  const pages = Number(db.prepare("PRAGMA page_count").get()?.["page_count"]);
  return pages * Number(db.prepare("PRAGMA page_size").get()?.["page_size"]);
}

function hasRoom({ publisher, admitted }: StoredPublisher, more: number, settings: SettingsTable): boolean {
  const wanted = admitted.size + more + 1;
  if (wanted <= maxOperationsOfStranger) return true;
  return wanted <= maxOperationsOfKnown && settings.isKnown(publisher);
}

function isChange({ inserted, replaced, waits, purged }: PublisherChange): boolean {
  return inserted.length + replaced.length + waits.length + purged.length > 0;
}

/** Writes a change; what it returns is to be cached once it is durable. */
function writeChange(
  { operations, releases }: Parts,
  change: PublisherChange,
  now: number,
  origin: Origin,
): StoredPublisher {
  const { publisher } = change.before;
  for (const signed of change.inserted) {
    operations.insert(signed, now, origin);
    operations.stopWaiting(publisher, signed.id);
  }
  for (const id of change.purged) operations.stopWaiting(publisher, id);
  for (const { id, envelope } of change.replaced) operations.replaceEnvelope(id, envelope);
  for (const signed of change.waits) operations.wait(signed, now, origin);
  if (change.waits.length > 0) operations.trimWaiting(publisher);
  const standings = new Map(change.before.standings);
  releases.update(publisher, change.state.releases, standings, now);
  return {
    publisher,
    admitted: change.admitted,
    waiting: change.waiting,
    state: change.state,
    standings,
  };
}
