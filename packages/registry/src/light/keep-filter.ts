import { type Catalog, publisherOf } from "@ggen/p2p-catalog";
import { decodeEnvelope, type OperationId, type PublisherId } from "@ggen/p2p-types";

/**
 * What a light node does with operations that come by themselves, by gossip or pushed: it takes those of publishers that
 * it follows, and leaves the others alone. What it asked for comes in, whoever it is of.
 * @param followed - publishers whose news is kept
 */
export function keepFollowed(
  catalog: Pick<Catalog, "accept">,
  followed: () => ReadonlySet<PublisherId>,
): Catalog["accept"] {
  return async (envelopes, origin) => {
    if (origin.asked === true || origin.via === "local") return catalog.accept(envelopes, origin);
    const kept = followed();
    const passed: { readonly envelope: Uint8Array; readonly place: number }[] = [];
    const left: OperationId[] = [];
    for (const [place, envelope] of envelopes.entries()) {
      const id = strangersId(envelope, kept);
      if (id === undefined) passed.push({ envelope, place });
      else left.push(id);
    }
    if (passed.length === 0) return { accepted: [], known: [], deferred: left, rejected: [] };
    const report = await catalog.accept(
      passed.map(({ envelope }) => envelope),
      origin,
    );
    return {
      ...report,
      deferred: [...report.deferred, ...left],
      rejected: report.rejected.map(({ index, error }) => ({ index: passed[index]?.place ?? index, error })),
    };
  };
}

/** The id of an operation of a publisher that is not followed; undefined of others, and of what is no operation. */
function strangersId(envelope: Uint8Array, followed: ReadonlySet<PublisherId>): OperationId | undefined {
  try {
    const { signed } = decodeEnvelope(envelope);
    return followed.has(publisherOf(signed)) ? undefined : signed.id;
  } catch {
    // The catalogue says what is wrong with it.
    return undefined;
  }
}
