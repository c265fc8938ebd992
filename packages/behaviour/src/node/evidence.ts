/** Where first-hand evidence about peers goes: the reputation is somebody else's business. */
export interface EvidenceSink {
  /** A peer answered. @param answer - `ms` until its first answer, verified `bytes` that it gave */
  success(peerId: string, answer: { readonly ms: number; readonly bytes: number }): void;
  /** A peer did not answer as it should have. @param reason - for people, e.g. `stalled` */
  failure(peerId: string, reason: string): void;
  /** A peer gave what does not match its hash or signature. */
  lie(peerId: string, reason: string): void;
}
