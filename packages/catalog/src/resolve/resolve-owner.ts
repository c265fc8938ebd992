import type { PublisherId } from "@ggen/p2p-types";

/** All that decides whose an id is. */
export interface OwnerQuestion {
  /** Publishers with a release of the id. */
  readonly claimants: readonly PublisherId[];
  /** Named in the REF, or by `--publisher`. */
  readonly named?: PublisherId | undefined;
  /** Named for this id in the lockfile. */
  readonly locked?: PublisherId | undefined;
  /** Chosen for this id before. */
  readonly pinned?: PublisherId | undefined;
  /** Publishers that the user trusts. */
  readonly trusted: ReadonlySet<PublisherId>;
  /** The publisher whose domain was verified for this id. */
  readonly verifiedDomain?: PublisherId | undefined;
  /** Whether the catalogue has finished its first sync: only then is an only claimant the only one. */
  readonly synced: boolean;
}

/** Why a publisher was chosen. */
export type OwnerReason = "named" | "locked" | "pinned" | "trusted" | "domain" | "only-claimant";

/** The answer to {@link OwnerQuestion}. */
export type OwnerAnswer =
  | { readonly publisher: PublisherId; readonly because: OwnerReason }
  /** Several claim it, and nothing decides: those among whom to choose, sorted. */
  | { readonly disputed: readonly PublisherId[] }
  /**
   * `no-claimant`: nobody here claims it. `not-a-claimant`: the publisher that was named, locked or pinned (`publisher`)
   * does not claim it here; nobody else is taken instead. `not-synced`: one claims it, and there may be more elsewhere.
   */
  | {
      readonly unknown: "no-claimant" | "not-a-claimant" | "not-synced";
      readonly publisher?: PublisherId;
      readonly because?: OwnerReason;
    };

/**
 * Whose id is it? The publisher named in the REF, else that of the lockfile, else the pinned one, else a trusted one, else
 * the one whose domain is verified, else the only claimant of a synced catalogue. Never a silent change of owner: a
 * stronger answer that does not hold here is not replaced by a weaker one.
 */
export function resolveOwner(question: OwnerQuestion): OwnerAnswer {
  const { named, locked, pinned, trusted, verifiedDomain, synced } = question;
  const claimants = [...new Set(question.claimants)].toSorted();
  const decided: readonly (readonly [PublisherId | undefined, OwnerReason])[] = [
    [named, "named"],
    [locked, "locked"],
    [pinned, "pinned"],
  ];
  for (const [publisher, because] of decided) {
    if (publisher === undefined) continue;
    return claimants.includes(publisher) ? { publisher, because } : { unknown: "not-a-claimant", publisher, because };
  }
  const trustedClaimants = claimants.filter((publisher) => trusted.has(publisher));
  const [trustedOne, anotherTrusted] = trustedClaimants;
  if (anotherTrusted !== undefined) return { disputed: trustedClaimants };
  if (trustedOne !== undefined) return { publisher: trustedOne, because: "trusted" };
  if (verifiedDomain !== undefined && claimants.includes(verifiedDomain)) {
    return { publisher: verifiedDomain, because: "domain" };
  }
  const [first, second] = claimants;
  if (first === undefined) return { unknown: "no-claimant" };
  if (second !== undefined) return { disputed: claimants };
  return synced ? { publisher: first, because: "only-claimant" } : { unknown: "not-synced", publisher: first };
}
