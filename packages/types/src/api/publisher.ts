import type { OperationId, PublicKey, PublisherId } from "../records/operation.ts";

/** A publisher as this node knows it. */
export interface PublisherInfo {
  readonly publisher: PublisherId;
  readonly nickname?: string;
  readonly trusted: boolean;
  /** Whether this home can sign for it. */
  readonly own: boolean;
  readonly frozen: boolean;
  readonly signingKeys: readonly {
    readonly key: string;
    readonly label: string;
    readonly revoked: boolean;
    readonly local: boolean;
  }[];
  readonly packages: number;
  /** Public rotation keys in force, the highest-ranked first. */
  readonly rotationKeys?: readonly PublicKey[];
  /** How many distinct rotation keys a change needs. */
  readonly threshold?: number;
  /** Domains that it claims; nothing here is verified. */
  readonly domains?: readonly string[];
  /** The authority operations in force, oldest first, each with the rank of its best signer (1 is the highest). */
  readonly changes?: readonly {
    readonly operation: OperationId;
    readonly type: "genesis" | "grant" | "revoke" | "rotate" | "domain";
    /** Author's time in whole seconds since 1970: a claim. */
    readonly time: number;
    readonly rank: number;
  }[];
}

/** A rotation key that was just made. Its words are secret, shown once and kept nowhere. */
export interface NewRotationKey {
  /** 1 is the highest rank. */
  readonly rank: number;
  readonly key: PublicKey;
  readonly recoveryWords: string;
}

/** Arguments that every change of a publisher takes. */
export interface PublisherChangeParams {
  /** An id, a unique prefix of it, or a nickname; absent: the one that this home signs for. */
  readonly publisher?: string;
  /** Secret: 24 words for each rotation key, of at least as many different keys as the threshold asks for. */
  readonly recoveryWords: readonly string[];
  /**
   * An authority operation, or the first 8 or more digits of its id, that lower-ranked keys signed: the change goes in its
   * place, and it and what follows it lose their effect. Absent: the newest place where the keys may sign.
   */
  readonly over?: string;
}

/** What a change of a publisher did. */
export interface PublisherChange {
  readonly publisher: PublisherId;
  /** The authority operation that was signed. */
  readonly operation: OperationId;
  /** Authority operations, signed by lower-ranked keys, that have no effect any more because of it. */
  readonly overridden: readonly OperationId[];
  /** Whether peers were told; otherwise it is queued until the node has peers. */
  readonly announced: boolean;
  readonly recipients: number;
  readonly warnings: readonly string[];
}

/** A change that concerns a signing key. */
export interface SigningKeyChange extends PublisherChange {
  readonly key: PublicKey;
  readonly label: string;
}

/** What a revocation did. */
export interface RevokeResult extends PublisherChange {
  readonly key: PublicKey;
  /** The last number of the key's chain that stays valid; 0 when nothing does. */
  readonly seq: number;
  /** The operation with that number. */
  readonly head: OperationId | null;
  /** Releases that were signed with the key and are no longer valid, as ID@VERSION. */
  readonly dropped: readonly string[];
}

/** What claiming a domain, or giving it up, did. */
export interface DomainResult extends PublisherChange {
  readonly domain: string;
  readonly claimed: boolean;
  /** The DNS record that makes others believe the claim. */
  readonly record: { readonly name: string; readonly type: "TXT"; readonly value: string };
}
