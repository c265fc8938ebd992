import type { ReconcileIndex } from "@ggen/p2p-types";

/** One side of a reconciliation. `@ggen/p2p-catalog` has the one implementation; bytes in, bytes out. */
export interface Reconciler {
  /** The first message, of the side that begins. */
  initiate(): Uint8Array;
  /**
   * Takes the answer to the last message.
   * @returns the next message, absent when everything is known; ids that only this side has, and only the other
   * @throws GgenError `network.protocol`
   */
  reconcile(message: Uint8Array): {
    readonly output: Uint8Array | undefined;
    readonly have: readonly Uint8Array[];
    readonly need: readonly Uint8Array[];
  };
  /** Answers a message, for the side that did not begin. @throws GgenError `network.protocol` */
  respond(message: Uint8Array): Uint8Array;
}

/** Makes one side of a reconciliation over the set as it is. */
export type CreateReconciler = (index: ReconcileIndex, options?: { readonly frameLimitBytes?: number }) => Reconciler;

/** What a reconciliation with one peer did. */
export interface SyncReport {
  /** Operations that were new to this node and stored. */
  readonly received: number;
  /** Operations that were new to the peer. */
  readonly sent: number;
  /** Round trips of reconciliation. */
  readonly rounds: number;
  /** Bytes of messages and operations, both ways. */
  readonly bytes: number;
  /** Whether the sets are equal now, as far as this node can tell. */
  readonly equal: boolean;
}
