/**
 * The signed catalogue: operation rules, publisher state, name resolution and reconciliation (all pure), and the
 * searchable SQLite replica.
 *
 * @packageDocumentation
 */
export { createReconcileIndex, type MutableReconcileIndex } from "./reconcile/reconcile-index.ts";
export { createReconciler, type Reconciler, type ReconcilerInit } from "./reconcile/reconciler.ts";
export { maxMessageBytes } from "./reconcile/wire.ts";
export { resolveOwner, type OwnerAnswer, type OwnerQuestion, type OwnerReason } from "./resolve/resolve-owner.ts";
export { checkConflictProof, type Conflict, conflictOf, proveConflict } from "./rules/conflict.ts";
export { derivePublisher } from "./rules/derive-publisher.ts";
export { publisherOf } from "./rules/operation-set.ts";
export type {
  PublisherState,
  Release,
  SignedRelease,
  SigningKeyState,
  WithoutEffect,
} from "./rules/publisher-state.ts";
export type { Catalog, CatalogInit, FirstSeen, KnownPublisher, PackageEntry } from "./replica/catalog.ts";
export type { Evictions } from "./replica/eviction-book.ts";
export { openCatalog } from "./replica/open-catalog.ts";
export type { Origin } from "./replica/operation-table.ts";
export { restoreCatalog } from "./replica/restore.ts";
export type { RecordReport } from "./replica/verify-records.ts";
export type { FoundPackage, FoundPage } from "./search/search-request.ts";
