import { GgenError, type PublicKey, type PublisherChange, type PublisherChangeParams } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import type { Announcer } from "../publish/announcer.ts";
import { checkKeyCounts } from "./key-counts.ts";
import { prepareChange, signChange } from "./sign-change.ts";
import { checkPublicKey } from "./signing-keys.ts";

/**
 * Replaces the rotation keys of a publisher. The new words are made, and written down, where the user is: a crash between
 * the record and the words would lose the publisher.
 * @throws GgenError `publisher.unauthorised`, `publisher.frozen`, `publisher.not-found`, `usage.invalid`, `storage.*`
 */
export async function rotateKeys(
  parts: Parts,
  announcer: Announcer,
  params: PublisherChangeParams & { readonly keys: readonly PublicKey[]; readonly threshold: number },
): Promise<PublisherChange> {
  const keys = params.keys.map(checkPublicKey);
  checkKeyCounts(keys.length, params.threshold);
  if (new Set(keys).size !== keys.length) {
    throw new GgenError("usage.invalid", "A rotation key is given twice", { expected: "different keys" });
  }
  const prepared = await prepareChange(parts, params);
  const signing = parts.catalog.publisherState(prepared.publisher)?.signingKeys;
  const both = keys.find((key) => signing?.has(key));
  if (both !== undefined) {
    throw new GgenError("usage.invalid", `${both} is a signing key`, { expected: "rotation keys of their own" });
  }
  return signChange(parts, announcer, prepared, { type: "rotate", keys, threshold: params.threshold });
}
