import type { Catalog } from "@ggen/p2p-catalog";
import type { Clock, Package, PublisherId } from "@ggen/p2p-types";

/** Publishers that are looked at before the event loop gets a turn. */
const publishersPerStep = 20;

/**
 * Every release that may deserve a copy, newest version first of each package; one publisher after the other, so that
 * none crowds out the rest.
 * @param wants - whether a publisher's packages are mirrored
 */
export async function* sweepCatalogue(
  { catalog, clock }: { readonly catalog: Pick<Catalog, "publishers" | "packagesOf" | "entry">; readonly clock: Clock },
  wants: (publisher: PublisherId) => boolean,
): AsyncGenerator<Package> {
  let step = 0;
  for (const { publisher, packages } of catalog.publishers()) {
    step += 1;
    if (step % publishersPerStep === 0) await clock.sleep(0);
    if (packages === 0 || !wants(publisher)) continue;
    const newest = catalog.packagesOf(publisher);
    yield* newest;
    for (const { id, operation } of newest) {
      const claimant = catalog.entry(id)?.claimants.find((other) => other.publisher === publisher);
      for (const release of claimant?.releases.toReversed() ?? []) if (release.operation !== operation) yield release;
    }
  }
}
