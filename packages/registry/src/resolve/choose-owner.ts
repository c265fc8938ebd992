import { type OwnerReason, type PackageEntry, resolveOwner } from "@ggen/p2p-catalog";
import {
  type AskedPeers,
  type Claimant,
  GgenError,
  type Package,
  type PackageRef,
  type PublisherId,
} from "@ggen/p2p-types";

import { severalPeers } from "../light/survey.ts";
import type { Parts } from "../parts.ts";

type Needs = Pick<Parts, "catalog" | "domains" | "everSynced" | "light" | "synced" | "network">;

/** Whose package a reference means, with everything of theirs. */
export interface Choice {
  readonly id: string;
  readonly publisher: PublisherId;
  /** Why, for people. */
  readonly because: string;
  /** Ascending by version. */
  readonly releases: readonly Package[];
  readonly claimants: readonly Claimant[];
}

/** Beside the reference, what else names an owner. */
export interface OwnerHints {
  /** From `--publisher`: an id, a prefix or a nickname. */
  readonly publisher?: string;
  /** From the lockfile. */
  readonly locked?: PublisherId;
  /** Ends a question to the DNS. */
  readonly signal?: AbortSignal;
}

/**
 * Decides whose package an id is, in the order that docs/architecture.md gives.
 * @throws GgenError `package.not-found`, `registry.incomplete`, `package.ambiguous`, `publisher.not-found`,
 *   `domain.lookup-failed`, `domain.conflict`
 */
export async function chooseOwner(parts: Needs, ref: PackageRef, hints: OwnerHints = {}): Promise<Choice> {
  const named = hints.publisher ?? ref.publisher;
  const publisher = named === undefined ? undefined : parts.catalog.resolvePublisher(named);
  const entry = parts.catalog.entry(ref.id);
  if (entry === undefined) throw notFound(parts, ref.id);
  const pinned = parts.catalog.pinnedOwner(ref.id);
  const publishers = entry.claimants.map((claimant) => claimant.publisher);
  const trusted = parts.catalog.trusted();
  // The DNS is asked last, and only about what the user has not decided.
  const decided = [publisher, hints.locked, pinned].some((known) => known !== undefined);
  const verifiedDomain =
    decided || publishers.some((claimant) => trusted.has(claimant))
      ? undefined
      : await parts.domains.verify(entry.id, publishers, hints.signal);
  const resolution = resolveOwner({
    claimants: publishers,
    ...(publisher === undefined ? {} : { named: publisher }),
    ...(hints.locked === undefined ? {} : { locked: hints.locked }),
    ...(pinned === undefined ? {} : { pinned }),
    trusted,
    verifiedDomain,
    // That an id has one claimant stays true enough offline: claims of others come in with the next comparison.
    synced: parts.light === undefined ? parts.everSynced() : parts.light.isSettled(ref.id),
  });
  const claimants = claimantsOf(parts, entry);
  if ("disputed" in resolution) throw ambiguous(entry.id, claimants);
  if ("unknown" in resolution) {
    if (resolution.unknown === "not-synced") throw onlyKnownClaimant(parts, entry.id, resolution.publisher ?? "");
    throw new GgenError("package.not-found", `${resolution.publisher ?? "The publisher"} has released no ${ref.id}`, {
      expected: "one of its claimants",
      got: claimants.map((claimant) => claimant.publisher).join(", "),
      data: { claimants },
    });
  }
  const releases = entry.claimants.find((claimant) => claimant.publisher === resolution.publisher)?.releases ?? [];
  return { id: entry.id, publisher: resolution.publisher, because: reasons[resolution.because], releases, claimants };
}

const reasons: Readonly<Record<OwnerReason, string>> = {
  named: "you named its publisher",
  locked: "ggen.lock names its publisher",
  pinned: "this publisher was chosen for the id before",
  trusted: "you trust its publisher",
  domain: "the domain of the id names its publisher",
  "only-claimant": "no other publisher claims the id",
};

/** Everybody who claims an id, for people to choose from. */
export function claimantsOf(parts: Pick<Parts, "catalog">, entry: PackageEntry): readonly Claimant[] {
  const trusted = parts.catalog.trusted();
  return entry.claimants.map(({ publisher, releases }) => {
    const nickname = parts.catalog.nicknameOf(publisher);
    return {
      publisher,
      ...(nickname === undefined ? {} : { nickname }),
      trusted: trusted.has(publisher),
      latest: (releases.findLast((release) => release.yanked === undefined) ?? releases.at(-1))?.version ?? "",
      versions: releases.length,
    };
  });
}

function ambiguous(id: string, claimants: readonly Claimant[]): GgenError {
  const commands = claimants.map(({ publisher }) => `ggen marketplace install ${publisher}/${id}`);
  return new GgenError("package.ambiguous", `${claimants.length} publishers claim ${id}`, {
    expected: "one claimant, or a choice between them",
    got: claimants.map(({ publisher, nickname, latest }) => `${nickname ?? publisher} (${latest})`).join(", "),
    hint: `Choose one:\n${commands.map((command) => `  ${command}`).join("\n")}`,
    data: { id, claimants, commands },
  });
}

function onlyKnownClaimant(parts: Pick<Parts, "light" | "network">, id: string, publisher: PublisherId): GgenError {
  const peers = parts.network()?.connectedPeers().length ?? 0;
  return new GgenError("registry.incomplete", `Whether others claim ${id} too is not known yet`, {
    ...(parts.light === undefined
      ? {
          expected: "a catalogue that was compared with at least one peer",
          got: peers === 0 ? "no peer" : `${peers} peers, none of them compared yet`,
        }
      : { expected: "the answer of a full node", got: sayAsked(parts.light.about(id)) }),
    hint: `Connect to peers: ggen marketplace p2p bootstrap MULTIADDR, or name the publisher: ${publisher}/${id}`,
    data: { id, publisher, peers },
  });
}

/**
 * The right refusal for an id that the catalogue does not hold: a node that cannot know says so.
 * @param shown - how the refusal names it
 */
export function notFound(
  parts: Pick<Parts, "light" | "synced" | "network">,
  id: string,
  shown: string = id,
): GgenError {
  if (parts.light !== undefined) return notGiven(id, shown, parts.light.about(id));
  if (parts.synced()) {
    return new GgenError("package.not-found", `No package ${shown} in the catalogue`, wrongId(id, shown));
  }
  const peers = parts.network()?.connectedPeers().length ?? 0;
  return new GgenError("registry.incomplete", `${shown} is not in this node's catalogue, which is not synced yet`, {
    expected: "a catalogue that was compared with at least one peer",
    got: peers === 0 ? "no peer" : `${peers} peers, none of them compared yet`,
    data: { id, peers },
  });
}

function wrongId(
  id: string,
  shown: string,
): { readonly expected: string; readonly got: string; readonly hint: string } {
  return {
    expected: "an id that a publisher has released",
    got: `"${shown}"`,
    hint: `Search for it: ggen marketplace search ${id.split(/[._-]/).at(-1) ?? id}`,
  };
}

/** The refusal of a light node: it knows what it was told, so several have to tell it that there is none. */
function notGiven(id: string, shown: string, asked: AskedPeers): GgenError {
  const { answered } = asked;
  if (answered.length >= severalPeers) {
    const message = `No package ${shown}: ${answered.length} full nodes know of none`;
    return new GgenError("package.not-found", message, { ...wrongId(id, shown), data: { id, asked } });
  }
  return new GgenError("registry.incomplete", `Whether there is a package ${shown} is not known to this light node`, {
    expected: `answers of at least ${severalPeers} full nodes`,
    got: sayAsked(asked),
    data: { id, asked },
  });
}

function sayAsked({ asked, answered }: AskedPeers): string {
  if (asked.length === 0) return "no full node was asked";
  return `${answered.length} of ${asked.length}; asked were ${asked.join(", ")}`;
}
