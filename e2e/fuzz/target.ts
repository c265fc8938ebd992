/** A source of chance that the same seed makes the same again. */
export interface Chance {
  /** A whole number from 0 to `below` − 1. */
  below(below: number): number;
  /** True once in `times` on average. */
  oneIn(times: number): boolean;
  /** One of some things. */
  pick<T>(from: readonly T[]): T;
}

/** What a decoder eats: decides how inputs are changed. */
export type InputKind = "bytes" | "cbor" | "text";

/**
 * A decoder under fuzzing. Packages list theirs as `targets` in `test/fuzz/targets.ts`, by name; the programs here find
 * these files, so that a decoder need not be public to be fuzzed.
 */
export interface FuzzTarget {
  readonly kind: InputKind;
  /** Inputs to begin with; at least one of them is accepted. */
  readonly seeds: readonly (Uint8Array | string)[];
  /** What means something to the decoder, put into texts and bytes. */
  readonly words?: readonly string[];
  /** Largest input in bytes; 16 KiB when absent. */
  readonly maxBytes?: number;
  /** Changes one thing about an input in the terms of its format; done beside what is done to any input. */
  mutate?(input: Uint8Array, chance: Chance): Uint8Array;
  /** Makes an input plausible again, e.g. corrects its checksums, so that more than the first check is reached. */
  repair?(input: Uint8Array, chance: Chance): Uint8Array;
  /**
   * Decodes an input. Returns (or resolves to) anything when it is accepted, after it compared what it must: that the
   * value encodes to the same bytes again, say. A refusal is a `GgenError`; `false` is one too. Whatever else is thrown
   * is a finding.
   */
  run(input: Uint8Array): unknown;
}

/** What is wrong with a decoder, and the input that shows it. */
export interface Finding {
  readonly target: string;
  readonly kind: "crash" | "hang" | "slow" | "memory" | "pollution" | "unusable";
  readonly message: string;
  /** Which execution of the target it was, from 1; 0 when that is not known. */
  readonly execution: number;
  readonly input: Uint8Array;
}
