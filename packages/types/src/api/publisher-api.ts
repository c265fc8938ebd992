import type { Package } from "../package.ts";
import type { PublicKey, PublisherId } from "../records/operation.ts";
import type { CallOptions } from "./call-options.ts";
import type {
  DomainResult,
  NewRotationKey,
  PublisherChange,
  PublisherChangeParams,
  PublisherInfo,
  RevokeResult,
  SigningKeyChange,
} from "./publisher.ts";

/** What a node does with publishers; a part of {@link NodeApi}. */
export interface PublisherApi {
  publishers(options?: CallOptions): Promise<readonly PublisherInfo[]>;
  /** `keys` rotation keys (1-5, by default 1), of which `threshold` (by default 1) sign a change together. */
  publisherInit(
    params: { readonly nickname?: string; readonly keys?: number; readonly threshold?: number },
    options?: CallOptions,
  ): Promise<{
    readonly publisher: PublisherId;
    /** Those of the highest-ranked rotation key. */
    readonly recoveryWords: string;
    readonly rotationKeys: readonly NewRotationKey[];
  }>;
  /** Allows a signing key: the given one, or a new one that is kept in this home. */
  publisherGrant(
    params: PublisherChangeParams & { readonly key?: PublicKey; readonly label?: string },
    options?: CallOptions,
  ): Promise<SigningKeyChange>;
  /** Makes a signing key in this home for a publisher whose rotation keys are elsewhere: to be granted there. */
  publisherRequestKey(
    params: { readonly publisher: string },
    options?: CallOptions,
  ): Promise<{ readonly publisher: PublisherId; readonly key: PublicKey }>;
  /**
   * Ends a signing key. `key`: whole, or its first 8 or more digits. `at`: the last number of its chain that stays valid;
   * `head`: the id of that operation, or its first 8 or more digits, where two have the same number.
   */
  publisherRevoke(
    params: PublisherChangeParams & { readonly key: string; readonly at?: number; readonly head?: string },
    options?: CallOptions,
  ): Promise<RevokeResult>;
  /** Replaces the rotation keys by these public keys, the highest-ranked first: their words never come here. */
  publisherRotate(
    params: PublisherChangeParams & { readonly keys: readonly PublicKey[]; readonly threshold: number },
    options?: CallOptions,
  ): Promise<PublisherChange>;
  /** Finds the publisher of some recovery words in the catalogue, and grants a new signing key in this home. */
  publisherRecover(
    params: PublisherChangeParams & { readonly label?: string; readonly nickname?: string },
    options?: CallOptions,
  ): Promise<SigningKeyChange>;
  /** Claims a domain, or gives it up. */
  publisherDomain(
    params: PublisherChangeParams & { readonly domain: string; readonly claim: boolean },
    options?: CallOptions,
  ): Promise<DomainResult>;
  trust(
    params: { readonly publisher: string; readonly nickname?: string; readonly trusted: boolean },
    options?: CallOptions,
  ): Promise<PublisherInfo>;
  yank(
    params: { readonly ref: string; readonly reason: string; readonly yanked: boolean },
    options?: CallOptions,
  ): Promise<Package>;
}
