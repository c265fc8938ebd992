import type {
  DomainResult,
  NewRotationKey,
  PublicKey,
  PublisherApi,
  PublisherChange,
  PublisherId,
  PublisherInfo,
  RevokeResult,
  SigningKeyChange,
} from "@ggen/p2p-types";

import { setDomain } from "../authority/domain.ts";
import { revokeKey } from "../authority/revoke.ts";
import { rotateKeys } from "../authority/rotate.ts";
import { grantKey, recoverPublisher, requestKey } from "../authority/signing-keys.ts";
import type { Parts } from "../parts.ts";
import type { Announcer } from "../publish/announcer.ts";
import type { SerialQueue } from "../serial-queue.ts";
import { initPublisher } from "./init-publisher.ts";
import { listPublishers } from "./publisher-info.ts";
import { trustPublisher } from "./trust-publisher.ts";

/** The publishers that a node knows, and the changes of those whose keys its user has. */
export class Publishers {
  readonly #parts: Parts;
  readonly #announcer: Announcer;
  readonly #publishing: SerialQueue;

  /** @param publishing - the queue of everything that appends to a chain */
  constructor(parts: Parts, announcer: Announcer, publishing: SerialQueue) {
    this.#parts = parts;
    this.#announcer = announcer;
    this.#publishing = publishing;
  }

  /** Every publisher that this node knows, own ones first. */
  list(): Promise<readonly PublisherInfo[]> {
    return listPublishers(this.#parts);
  }

  /**
   * Makes a publisher whose signing key is kept in this home.
   * @param nickname - what this node calls it
   * @param count - `keys`: 1-5 rotation keys (1), of which `threshold` (1) sign a change together
   * @returns its id, and the recovery words of each rotation key: shown once, kept nowhere
   * @throws GgenError `usage.invalid`
   */
  init(
    nickname?: string,
    count: { readonly keys?: number; readonly threshold?: number } = {},
  ): Promise<{
    readonly publisher: PublisherId;
    readonly recoveryWords: string;
    readonly rotationKeys: readonly NewRotationKey[];
  }> {
    return this.#publishing(() => initPublisher(this.#parts, nickname, count));
  }

  /**
   * Allows a signing key of the publisher: the given one, or a new one that is kept in this home.
   * @throws GgenError `publisher.unauthorised`, `publisher.frozen`, `publisher.not-found`, `identity.invalid`,
   *   `usage.invalid`
   */
  grant(params: Parameters<PublisherApi["publisherGrant"]>[0]): Promise<SigningKeyChange> {
    return this.#publishing(() => grantKey(this.#parts, this.#announcer, params));
  }

  /**
   * Makes a signing key in this home for a publisher whose rotation keys are elsewhere; it is of use once it is granted.
   * @throws GgenError `publisher.not-found`
   */
  requestKey(params: { readonly publisher: string }): Promise<{
    readonly publisher: PublisherId;
    readonly key: PublicKey;
  }> {
    return this.#publishing(() => requestKey(this.#parts, params.publisher));
  }

  /**
   * Ends a signing key: only the operations up to the given one stay valid; see {@link PublisherApi.publisherRevoke}.
   * @throws GgenError `publisher.key-not-found`, and as {@link Publishers.grant}
   */
  revoke(params: Parameters<PublisherApi["publisherRevoke"]>[0]): Promise<RevokeResult> {
    return this.#publishing(() => revokeKey(this.#parts, this.#announcer, params));
  }

  /**
   * Replaces the rotation keys by others, whose words the caller has written down before.
   * @throws GgenError as {@link Publishers.grant}
   * @see createRecoveryWords, rotationKeyOf
   */
  rotate(params: Parameters<PublisherApi["publisherRotate"]>[0]): Promise<PublisherChange> {
    return this.#publishing(() => rotateKeys(this.#parts, this.#announcer, params));
  }

  /**
   * Finds the publisher of some recovery words in the catalogue, and grants a new signing key in this home.
   * @throws GgenError as {@link Publishers.grant}
   */
  recover(params: Parameters<PublisherApi["publisherRecover"]>[0]): Promise<SigningKeyChange> {
    return this.#publishing(() => recoverPublisher(this.#parts, this.#announcer, params));
  }

  /** Claims a domain, or gives it up. @throws GgenError as {@link Publishers.grant} */
  setDomain(params: Parameters<PublisherApi["publisherDomain"]>[0]): Promise<DomainResult> {
    return this.#publishing(() => setDomain(this.#parts, this.#announcer, params));
  }

  /** Trusts a publisher, or no longer. @throws GgenError `publisher.not-found`, `usage.invalid` */
  trust(params: {
    readonly publisher: string;
    readonly nickname?: string;
    readonly trusted: boolean;
  }): Promise<PublisherInfo> {
    return trustPublisher(this.#parts, params);
  }
}
