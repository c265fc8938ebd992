import type { DatabaseSync } from "node:sqlite";

import {
  fromHex,
  GgenError,
  isPackageId,
  type OperationId,
  type PackageUpdate,
  silentLogger,
  type SignedOperation,
  toHex,
} from "@ggen/p2p-types";

import { Admission } from "../admission/admission.ts";
import { fingerprintDigest } from "../reconcile/sum256.ts";
import { checkQuery } from "../search/check-query.ts";
import { encodeCursor } from "../search/cursor.ts";
import { findSearchWorker, SearchClient } from "../search/search-client.ts";
import { findSignatureWorker, SignaturePool } from "../verify/signature-pool.ts";
import { type CatalogParts, openParts } from "./catalog-parts.ts";
import type { Catalog, CatalogInit } from "./catalog.ts";
import { checkEnvelopes } from "./check-envelopes.ts";
import { guarded, guardedInTurns, openForReading } from "./database.ts";
import { EvictionBook } from "./eviction-book.ts";
import { defaultMaxBytes, intakeLimits, maxOperations } from "./limits.ts";
import { OperationIntake } from "./operation-intake.ts";
import { markDamaged, openSound, type SoundDatabase } from "./set-aside.ts";
import { RestLister } from "./rest-lister.ts";
import { verifyRecords } from "./verify-records.ts";
import { WriteQueue } from "./write-queue.ts";

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

  let parts: CatalogParts;
  try {
    parts = use(() => openParts(db, readOnly, onDamaged));
  } catch (error) {
    db.close();
    throw error;
  }
  const { operations, releases, settings, contested, publishers, tips, index } = parts;
  const search = new SearchClient(path, clock, () => new URL(init.searchWorkerUrl ?? findSearchWorker()));
  const listeners = new Set<(update: PackageUpdate) => void>();

  const refuseWrite = (): void => {
    if (readOnly) throw new GgenError("storage.failed", `The catalogue ${path} was opened for reading only`);
  };

  const write = <T>(run: () => T): T => {
    refuseWrite();
    queue.flush();
    return use(run);
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

  const evictions = new EvictionBook(settings);
  const admission = new Admission({
    db,
    terms: parts.releases.terms,
    clock,
    maxBytes,
    maxOperations,
    known: () => settings.known(),
    operations: () => index().size,
    unlisted: () => parts.lister.unlisted,
  });
  const intake = new OperationIntake({
    clock,
    admission,
    evictions,
    limits: intakeLimits,
    ...parts,
    onUpdates: notify,
  });
  const queue = new WriteQueue({
    db,
    beforeCommit: () => intake.list(),
    onCommit: () => intake.onCommit(),
    onRollback: () => intake.onRollback(),
    onIdle: () => listing.start(),
    guard: use,
  });
  const closing = new AbortController();
  const listing = new RestLister({
    clock,
    logger,
    isBehind: () => parts.lister.isBehind,
    listSome: (max) => queue.add({ prepared: Promise.resolve(), weight: 1, apply: () => intake.listRest(max) }),
    signal: closing.signal,
  });
  if (!readOnly) listing.start();
  const signatures = new SignaturePool(clock, logger, findSignatureWorker);
  const isHeld = ({ id, operation }: SignedOperation): boolean => index().has(operation.time, fromHex(id));

  const refresh = readOnly ? createRefresh(db, parts) : (): void => {};
  const read = <T>(run: () => T): T => {
    refresh();
    return use(run);
  };

  return {
    ...(setAside === undefined ? {} : { setAside }),
    async verify({ signal } = {}) {
      const report = await guardedInTurns(path, () => verifyRecords(db, signal));
      for (const id of report.damaged) onDamaged(id);
      return report;
    },
    has: (id) => read(() => operations.has(id)),
    envelopes: (ids) =>
      read(() => ids.map((id) => operations.envelope(id)).filter((envelope) => envelope !== undefined)),
    idsOf: (selector, limit) =>
      read(() =>
        "publisher" in selector
          ? operations.idsOfPublisher(selector.publisher, Math.max(0, limit))
          : operations.idsOfPackage(selector.package.toLowerCase(), Math.max(0, limit)),
      ),
    async accept(envelopes, origin) {
      refuseWrite();
      listing.putOff();
      const checked = checkEnvelopes(envelopes, { operations, signatures, isHeld });
      const report = await queue.add({
        prepared: checked,
        weight: envelopes.length,
        apply: ({ fresh }) => intake.accept(fresh, origin),
      });
      // While a flood lasts, the queue is never idle.
      listing.start();
      const { known, rejected } = await checked;
      return { ...report, known: [...known, ...report.known], rejected };
    },
    reconcileIndex: () => read(index),
    contested: () => read(() => contested.next()),
    fingerprint: () => read(() => toHex(fingerprintDigest(index().sum(0, index().size), index().size))),

    async search(query, { signal } = {}) {
      const { request, identity } = checkQuery(query, denied);
      if (absent) return { results: [], total: 0, position: 0, next: null };
      const { end, ...page } = await search.search(request, signal);
      return { ...page, next: end === null ? null : encodeCursor(end, identity) };
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
        const head = tips.get(publisher)?.ends.get(key) ?? publishers.get(publisher).state.signingKeys.get(key)?.head;
        return head === undefined ? { seq: 1, prev: null } : { seq: head.seq + 1, prev: head.id };
      }),
    authorityHead: (publisher) => read(() => (tips.get(publisher) ?? publishers.get(publisher).state).authorityHead),
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
    evictions: () => read(() => evictions.read()),
    async close() {
      closing.abort();
      await search.close();
      await queue.idle();
      await signatures.close();
      if (db.isOpen) db.close();
    },
  };
}

/** Lets go of what is cached when another process has written. */
function createRefresh(db: DatabaseSync, { publishers, tips, forgetIndex }: CatalogParts): () => void {
  const version = db.prepare("PRAGMA data_version");
  let seen: unknown = version.get()?.["data_version"];
  return () => {
    const current: unknown = version.get()?.["data_version"];
    if (current === seen) return;
    seen = current;
    publishers.forgetAll();
    tips.clear();
    forgetIndex();
  };
}
