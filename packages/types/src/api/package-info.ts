import type { AskedPeers } from "./asked-peers.ts";
import type { Package } from "../package.ts";
import type { OperationId, PublisherId } from "../records/operation.ts";

/** What `info` says: the package that REF resolves to, and what else there is. */
export interface PackageInfo {
  /** Absent when the id is disputed. */
  readonly package?: Package;
  readonly id: string;
  /** Ascending; of the chosen publisher, or of all claimants when disputed. */
  readonly versions: readonly { readonly version: string; readonly publisher: PublisherId; readonly yanked: boolean }[];
  readonly claimants: readonly Claimant[];
  readonly disputed: boolean;
  /** Why this publisher was chosen, for people. */
  readonly chosenBecause?: string;
  readonly peerCount: number;
  readonly local: boolean;
  /** Other peers that are known to hold the shown version, by what they said or proved. */
  readonly heldBy?: readonly string[];
  /** Present when the shown version is conflicted. */
  readonly conflict?: ConflictProof;
  /** Present when the id may be taken for another one that the user knows. */
  readonly warnings?: readonly string[];
  /** Present in a light node that asked others about the id. */
  readonly asked?: AskedPeers;
}

/**
 * The proof that a publisher signed two records of which it may sign one. It convinces anybody, whoever hands it over:
 * `ggen why --proof` checks it without any other record.
 */
export interface ConflictProof {
  readonly publisher: PublisherId;
  /** `version`: two contents for one version of one package. `fork`: one key gave one number to two records. */
  readonly kind: "version" | "fork";
  /** The pair, the smaller id first. */
  readonly operations: readonly [OperationId, OperationId];
  /** Envelopes in base64: the publisher's authority chain from its genesis on, then the pair. */
  readonly records: readonly string[];
}

/** A publisher that claims an id. */
export interface Claimant {
  readonly publisher: PublisherId;
  readonly nickname?: string;
  readonly trusted: boolean;
  readonly latest: string;
  readonly versions: number;
}

/** One step of `why`: a question, its answer, and whether it let the package through. */
export interface WhyStep {
  readonly question: string;
  readonly answer: string;
  readonly ok: boolean;
}

/** What `why` says. */
export interface WhyReport {
  readonly ref: string;
  readonly steps: readonly WhyStep[];
  /** One sentence. */
  readonly conclusion: string;
  readonly ok: boolean;
  /** Present when the version that was asked for is conflicted. */
  readonly conflict?: ConflictProof;
}
