import type { Signer } from "../crypto/ed25519.ts";
import { toHex } from "../crypto/hash.ts";
import { sealOperation } from "./envelope.ts";
import type { PublicKey, PublisherId, SignedOperation } from "./operation.ts";
import { toPublisherId } from "./publisher-id.ts";

/** A publisher at its beginning. */
export interface FoundedPublisher {
  readonly publisher: PublisherId;
  /** Its first record, by whose hash it is named. */
  readonly genesis: SignedOperation;
  /**
   * Its second record, which lets a key sign for it.
   * @param label - for people: at most 64 characters
   * @throws GgenError `record.invalid`
   */
  readonly grant: (key: PublicKey, label: string) => SignedOperation;
}

/**
 * Founds a publisher.
 * @param rotation - signers of 1-5 rotation keys, the highest-ranked first; all of them sign
 * @param time - seconds since 1970
 * @param threshold - how many rotation keys sign together from then on: 1 to as many as there are
 * @throws GgenError `record.invalid`
 */
export function foundPublisher(rotation: readonly Signer[], time: number, threshold: number = 1): FoundedPublisher {
  const keys = rotation.map(({ publicKey }) => toHex(publicKey));
  const genesis = sealOperation({ v: 1, type: "genesis", time, keys, threshold }, rotation);
  const publisher = toPublisherId(genesis.id);
  return {
    publisher,
    genesis,
    grant: (key, label) =>
      sealOperation({ v: 1, type: "grant", time, publisher, prev: genesis.id, key, label }, rotation),
  };
}
