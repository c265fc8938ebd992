import type { Attempt } from "./releases.ts";

/** What was asked about one id. */
export interface InstallHistory {
  /** Versions that were to be installed, in the order they were asked for. */
  readonly asked: string[];
  /** How many of them were acknowledged: all up to there. */
  acknowledged: number;
}

/** Everything that was asked of the node, and what it acknowledged; kept where no power is cut. */
export interface Ledger {
  /** Sets its ids apart from those of other disks: their records may be out there. */
  readonly disk: number;
  /** Its own releases, by `id@version`. */
  readonly releases: Map<string, Attempt>;
  /** Releases of the provider, in the order in which they are to be installed. */
  readonly offered: readonly Attempt[];
  /** Whose they are. */
  readonly publisher: string;
  /** How many of them were installed. */
  fetchedReleases: number;
  /** By id. */
  readonly installs: Map<string, InstallHistory>;
  /** The step that the install from the network said last, `asked` before the first; undefined when none is under way. */
  fetching: string | undefined;
  readonly done: { publishes: number; installs: number; fetches: number };
}

/** An empty ledger. */
export function createLedger(
  disk: number,
  { releases, publisher }: { releases: readonly Attempt[]; publisher: string },
): Ledger {
  return {
    disk,
    releases: new Map(),
    offered: releases,
    publisher,
    fetchedReleases: 0,
    installs: new Map(),
    fetching: undefined,
    done: { publishes: 0, installs: 0, fetches: 0 },
  };
}

/** What was asked about an id. */
export function historyOf(ledger: Ledger, id: string): InstallHistory {
  const history = ledger.installs.get(id) ?? { asked: [], acknowledged: 0 };
  ledger.installs.set(id, history);
  return history;
}
