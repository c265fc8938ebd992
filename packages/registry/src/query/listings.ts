import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { type Catalog, publisherOf } from "@ggen/p2p-catalog";
import { decodeEnvelope, GgenError, type OperationId, type PublisherId, type SignedOperation } from "@ggen/p2p-types";

import type { EvidenceBook } from "../peers/evidence-book.ts";

/** Operations of one request, and requests for one listing: 10,240 are more than anybody keeps of a stranger. */
const pageSize = 512;
const maxPages = 20;
/** Requests to one peer at once; it answers eight. */
const requestsAtOnce = 4;

/** What reading a peer's listings needs. */
export interface ListingComponents {
  readonly catalog: Pick<Catalog, "accept">;
  readonly network: Pick<MarketplaceBehaviour, "operationsOf">;
  readonly evidence: Pick<EvidenceBook, "lie">;
}

/**
 * Who claims an id, as a peer says: a hint whom to ask about, from which nothing follows yet. Read as far as one stranger
 * can fill it: where more is left out, there are two claimants at least, and the user has to choose anyway.
 * @param id - any case
 * @throws GgenError `network.*`
 */
export async function listClaimants(
  components: ListingComponents,
  peerId: string,
  id: string,
  signal: AbortSignal,
): Promise<ReadonlySet<PublisherId>> {
  const found = new Set<PublisherId>();
  const wanted = id.toLowerCase();
  await readPages(components, peerId, { package: id }, signal, async (page) => {
    for (const signed of page) {
      const { operation } = signed;
      if (!("id" in operation) || operation.id.toLowerCase() !== wanted) throw unasked(components, peerId);
      found.add(publisherOf(signed));
    }
    return true;
  });
  return found;
}

/**
 * Takes in all operations of a publisher that a peer has.
 * @returns those that are sound, also the ones that were here before
 * @throws GgenError `network.*`
 */
export async function takePublisher(
  components: ListingComponents,
  peerId: string,
  publisher: PublisherId,
  signal: AbortSignal,
): Promise<ReadonlySet<OperationId>> {
  const found = new Set<OperationId>();
  const origin = { via: "fetch", peer: peerId, asked: true } as const;
  await readPages(components, peerId, { publisher }, signal, async (page) => {
    if (page.some((signed) => publisherOf(signed) !== publisher)) throw unasked(components, peerId);
    const report = await components.catalog.accept(
      page.map(({ envelope }) => envelope),
      origin,
    );
    if (report.rejected.length > 0) throw forged(components, peerId);
    const sound = [...report.accepted, ...report.known];
    for (const id of sound) found.add(id);
    // What is over a quota is not read to its end.
    return sound.length > 0;
  });
  return found;
}

/**
 * {@link takePublisher}, of several publishers, a few at a time.
 * @returns what was taken of each
 * @throws GgenError `network.*` with the first that fails
 */
export async function takePublishers(
  components: ListingComponents,
  peerId: string,
  publishers: Iterable<PublisherId>,
  signal: AbortSignal,
): Promise<ReadonlyMap<PublisherId, ReadonlySet<OperationId>>> {
  const given = new Map<PublisherId, ReadonlySet<OperationId>>();
  const waiting = publishers[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    // Workers share the iterator, so that each publisher is taken once.
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      given.set(next.value, await takePublisher(components, peerId, next.value, signal));
    }
  };
  await Promise.all(Array.from({ length: requestsAtOnce }, worker));
  return given;
}

/** @param take - whether to go on */
async function readPages(
  components: ListingComponents,
  peerId: string,
  selector: { readonly package: string } | { readonly publisher: PublisherId },
  signal: AbortSignal,
  take: (page: readonly SignedOperation[]) => Promise<boolean>,
): Promise<void> {
  for (let page = 0; page < maxPages; page += 1) {
    const envelopes = await components.network.operationsOf(peerId, selector, {
      limit: pageSize,
      offset: page * pageSize,
      signal,
    });
    const more = await take(envelopes.map((envelope) => decoded(components, peerId, envelope)));
    if (envelopes.length < pageSize || !more) return;
  }
}

function decoded(components: ListingComponents, peerId: string, envelope: Uint8Array): SignedOperation {
  try {
    return decodeEnvelope(envelope).signed;
  } catch {
    throw forged(components, peerId);
  }
}

function forged({ evidence }: ListingComponents, peerId: string): GgenError {
  evidence.lie(peerId, "gave an operation that is malformed or wrongly signed");
  return new GgenError("network.protocol", `${peerId} gave an operation that is not valid`);
}

function unasked({ evidence }: ListingComponents, peerId: string): GgenError {
  evidence.lie(peerId, "gave operations that were not asked for");
  return new GgenError("network.protocol", `${peerId} gave operations that were not asked for`);
}
