/**
 * Whom a light node asked, and how the answers compared; peers by their ids. Whatever is in an answer is verified: what
 * counts is all that any of them gave.
 */
export interface AskedPeers {
  /** Peers that say they keep the whole catalogue, and were asked. */
  readonly asked: readonly string[];
  /** Those of them that answered, with nothing that is forged. */
  readonly answered: readonly string[];
  /** Those whose answers lacked signed records that others gave: kept back, or not there yet. */
  readonly lacking: readonly string[];
}
