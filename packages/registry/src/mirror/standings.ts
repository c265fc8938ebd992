import type { Catalog } from "@ggen/p2p-catalog";
import type { Clock, PublisherId } from "@ggen/p2p-types";

import type { PublisherStanding } from "./policy.ts";

/** What the user has to do with publishers, looked up seldom: a first sync brings thousands of releases in a second. */
export interface Standings {
  of(publisher: PublisherId): PublisherStanding;
  /** Publishers that the user trusts or follows. */
  known(): ReadonlySet<PublisherId>;
}

const freshMs = 1000;

/**
 * @param own - publishers that this home signs for: what another machine of theirs released is followed too
 */
export function createStandings(
  parts: { readonly catalog: Pick<Catalog, "trusted" | "pinnedOwners">; readonly clock: Pick<Clock, "monotonic"> },
  own: () => ReadonlySet<PublisherId>,
): Standings {
  let trusted: ReadonlySet<PublisherId> = new Set();
  let followed: ReadonlySet<PublisherId> = new Set();
  let readAtMs = Number.NEGATIVE_INFINITY;
  const refresh = (): void => {
    const nowMs = parts.clock.monotonic();
    if (nowMs - readAtMs < freshMs) return;
    readAtMs = nowMs;
    trusted = parts.catalog.trusted();
    followed = new Set([...parts.catalog.pinnedOwners(), ...own()]);
  };
  return {
    of(publisher) {
      refresh();
      return { trusted: trusted.has(publisher), followed: followed.has(publisher) };
    },
    known() {
      refresh();
      return new Set([...trusted, ...followed]);
    },
  };
}
