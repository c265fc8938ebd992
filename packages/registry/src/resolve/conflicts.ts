import { type Conflict, conflictOf, proveConflict } from "@ggen/p2p-catalog";
import type { ConflictProof, Package, PublisherId } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";

/** Says which two records make a publisher's release conflicted. */
export function conflictsOf(
  parts: Pick<Parts, "catalog">,
  publisher: PublisherId,
): (release: Package) => Conflict | undefined {
  return ({ operation }) => {
    const state = parts.catalog.publisherState(publisher);
    return state === undefined ? undefined : conflictOf(state, operation);
  };
}

/** The proof that a release is conflicted, for others to check; undefined when it is not. */
export function proofOf(
  parts: Pick<Parts, "catalog">,
  release: Pick<Package, "publisher" | "operation">,
): ConflictProof | undefined {
  const state = parts.catalog.publisherState(release.publisher);
  if (state === undefined) return undefined;
  return proveConflict(state, release.operation, (ids) => parts.catalog.envelopes(ids));
}
