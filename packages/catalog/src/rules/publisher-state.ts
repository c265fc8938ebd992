import type {
  OperationId,
  OperationSignature,
  PublicKey,
  PublisherId,
  ReleaseOperation,
  SignedOperation,
} from "@ggen/p2p-types";

/** A signed release. */
export interface SignedRelease extends SignedOperation {
  readonly operation: ReleaseOperation;
}

/** A release and what became of it. */
export interface Release {
  readonly operation: SignedRelease;
  /**
   * `conflicted`: its key signed two operations with one number at or before this one, or the publisher signed two
   * contents for this version. `yanked`: withdrawn; hidden, and installable only from a lockfile.
   */
  readonly status: "valid" | "yanked" | "conflicted";
  /** The reason given for the yank that is in force. */
  readonly yank?: string;
}

/** A key that the publisher allowed to sign releases. */
export interface SigningKeyState {
  /** As the last grant calls it. */
  readonly label: string;
  /** The first grant. */
  readonly granted: OperationId;
  /** The strictest revocation: the lowest `seq`; of equal ones the first. */
  readonly revoked?: { readonly operation: OperationId; readonly seq: number; readonly head: OperationId | null };
  /** The last operation of its chain that is in force, before any fork. */
  readonly head?: { readonly seq: number; readonly id: OperationId };
  /** The number at which the key signed two operations; from there on its chain is conflicted. */
  readonly forkedAt?: number;
  /** Two of the operations with that number, by id: the proof. Present with `forkedAt`. */
  readonly forkedBy?: readonly [OperationId, OperationId];
}

/**
 * Why an operation of the set changes nothing (now).
 *
 * - `foreign`: it is of another publisher
 * - `orphan`: its genesis, its parent, or the head that a revocation names is not in the set
 * - `unauthorised`: its signers may not sign it
 * - `misplaced`: its number, key or time does not follow its parent's
 * - `fork-lost`: another successor of the same parent is signed by a higher-ranked rotation key
 * - `frozen`: successors of the same parent are signed by rotation keys of equal rank
 * - `not-granted`: its signing key has no grant in force
 * - `revoked`: it is not an ancestor of the head that the revocation of its key names
 * - `conflicted`: it comes at or after a fork of its chain
 * - `duplicate`: the same content was released as the same version before
 */
export type WithoutEffect =
  | "foreign"
  | "orphan"
  | "unauthorised"
  | "misplaced"
  | "fork-lost"
  | "frozen"
  | "not-granted"
  | "revoked"
  | "conflicted"
  | "duplicate";

/** All that a set of operations says about one publisher. */
export interface PublisherState {
  readonly publisher: PublisherId;
  /** Whether the genesis is in the set; without it nothing has effect. */
  readonly known: boolean;
  /** Present when rotation keys of equal rank signed different successors: the proof. */
  readonly frozen?: { readonly parent: OperationId; readonly heads: readonly OperationId[] };
  /** In force, the highest-ranked first. */
  readonly rotationKeys: readonly PublicKey[];
  readonly threshold: number;
  /** The last authority operation in force. */
  readonly authorityHead?: OperationId;
  readonly signingKeys: ReadonlyMap<PublicKey, SigningKeyState>;
  /** Claimed domains, sorted; nothing here is verified. */
  readonly domains: readonly string[];
  /** By id (without case), version (ascending) and operation. */
  readonly releases: readonly Release[];
  readonly withoutEffect: ReadonlyMap<OperationId, WithoutEffect>;
  /**
   * Operations whose whole ancestry is here and whose signers were allowed to sign on some branch. It only grows with the
   * set: this is what nodes reconcile.
   */
  readonly admitted: ReadonlySet<OperationId>;
  /** Signatures that count of each admitted authority operation: the union over all its envelopes, by key. */
  readonly authoritySignatures: ReadonlyMap<OperationId, readonly OperationSignature[]>;
  /** Authority operations that succeed the same one, by id: which of them wins depends on who signed them. */
  readonly contested: readonly OperationId[];
}
