import { openEnvelope, sha256, type SignedOperation, toHex } from "@ggen/p2p-types";

/** Opened envelopes by the hash of their bytes, so that each is decoded and verified once however often it comes. */
export interface EnvelopeVerdicts {
  /**
   * What an envelope holds; undefined when it is malformed or a signature is wrong.
   * @param envelope - from anywhere
   */
  judge(envelope: Uint8Array): { readonly signed: SignedOperation | undefined; readonly digest: Uint8Array };
}

/**
 * Creates the memory of verdicts.
 * @param maxEntries - the oldest is forgotten beyond
 */
export function createEnvelopeVerdicts(maxEntries = 2048): EnvelopeVerdicts {
  const verdicts = new Map<string, SignedOperation | undefined>();
  return {
    judge(envelope) {
      const digest = sha256(envelope);
      const key = toHex(digest);
      if (verdicts.has(key)) return { signed: verdicts.get(key), digest };
      let signed: SignedOperation | undefined;
      try {
        signed = openEnvelope(envelope);
      } catch {
        signed = undefined;
      }
      verdicts.set(key, signed);
      if (verdicts.size > maxEntries) {
        const [oldest] = verdicts.keys();
        if (oldest !== undefined) verdicts.delete(oldest);
      }
      return { signed, digest };
    },
  };
}
