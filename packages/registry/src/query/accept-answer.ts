import type { Catalog } from "@ggen/p2p-catalog";
import { decodeEnvelope, type Logger, type OperationId, type Package, type PublisherId } from "@ggen/p2p-types";

import { type ListingComponents, takePublishers } from "./listings.ts";

/** Publishers that one answer is completed for: a peer must not send this node after every one there is. */
const maxPublishers = 32;

/** What an answer is taken in with. */
export interface AnswerComponents extends ListingComponents {
  readonly catalog: Pick<Catalog, "accept" | "release">;
  readonly logger: Logger;
}

/**
 * Takes in the records that a peer gave about a package. A release says nothing without the records of its publisher
 * before it: where these are not here, the same peer is asked for them.
 * @param envelopes - as the peer sent them
 * @returns the releases in the answer that are in force (or conflicted) here now
 */
export async function acceptAnswer(
  components: AnswerComponents,
  peerId: string,
  envelopes: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<readonly Package[]> {
  const { catalog, evidence, logger } = components;
  const origin = { via: "fetch", peer: peerId, asked: true } as const;
  const { accepted, known, deferred, rejected } = await catalog.accept(envelopes, origin);
  if (rejected.length > 0) evidence.lie(peerId, "gave an operation that is malformed or wrongly signed");
  const sound = new Set([...accepted, ...known, ...deferred]);
  const publishers = new Set<PublisherId>();
  const releases = new Set<OperationId>();
  for (const envelope of envelopes) {
    const releasedBy = publisherOfRelease(envelope);
    if (releasedBy === undefined || !sound.has(releasedBy.id)) continue;
    releases.add(releasedBy.id);
    if (catalog.release(releasedBy.id) === undefined) publishers.add(releasedBy.publisher);
  }
  try {
    await takePublishers(components, peerId, [...publishers].slice(0, maxPublishers), signal);
  } catch (error) {
    logger.log("debug", "a peer did not give a publisher's records", { peer: peerId, error: String(error) });
  }
  return [...releases].flatMap((id) => catalog.release(id) ?? []);
}

function publisherOfRelease(
  envelope: Uint8Array,
): { readonly id: string; readonly publisher: PublisherId } | undefined {
  try {
    const { id, operation } = decodeEnvelope(envelope).signed;
    return operation.type === "release" ? { id, publisher: operation.publisher } : undefined;
  } catch {
    // Refused by the catalogue already.
    return undefined;
  }
}
