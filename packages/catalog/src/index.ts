/**
 * The signed catalogue: operation rules, publisher state, name resolution and reconciliation (all pure), and the
 * searchable SQLite replica.
 *
 * @packageDocumentation
 */
export { createReconcileIndex, type MutableReconcileIndex } from "./reconcile/reconcile-index.ts";
export { createReconciler, type Reconciler, type ReconcilerInit } from "./reconcile/reconciler.ts";
export { maxMessageBytes } from "./reconcile/wire.ts";
