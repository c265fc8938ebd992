import { mutateBytes } from "./mutate-bytes.ts";
import { mutateCbor } from "./mutate-cbor.ts";
import { mutateText } from "./mutate-text.ts";
import type { Chance, FuzzTarget } from "./target.ts";

const maxLearnt = 256;
const defaultMaxBytes = 16 * 1024;

/** Inputs for a target: its seeds, then changes of them and of what taught something. */
export interface InputSource {
  next(): Uint8Array;
  /** What was learnt so far, to go on with elsewhere. */
  readonly learnt: readonly Uint8Array[];
  /**
   * Says what became of the input that was given last.
   * @param outcome - what the decoder said, without what varies (numbers, quoted parts)
   */
  tell(outcome: string): void;
}

/**
 * Makes inputs. One whose outcome was not seen before is kept and changed further: every check of a decoder has its own
 * words, so that a new outcome is a new way through it.
 * @param learnt - of an earlier run
 */
export function createInputSource(target: FuzzTarget, learnt: readonly Uint8Array[], chance: Chance): InputSource {
  const seeds = target.seeds.map((seed) => (typeof seed === "string" ? new TextEncoder().encode(seed) : seed));
  const kept = [...learnt];
  const seen = new Set<string>();
  const maxBytes = target.maxBytes ?? defaultMaxBytes;
  let given = 0;
  let last: Uint8Array = new Uint8Array();
  const pick = (): Uint8Array => (kept.length > 0 && chance.oneIn(2) ? chance.pick(kept) : chance.pick(seeds));
  return {
    get learnt() {
      return kept;
    },
    next() {
      last = seeds[given] ?? make(target, maxBytes, pick, chance);
      given++;
      return last;
    },
    tell(outcome) {
      if (seen.has(outcome) || seen.size > 10_000) return;
      seen.add(outcome);
      if (given <= seeds.length) return;
      if (kept.length < maxLearnt) kept.push(last.slice());
      else kept[chance.below(maxLearnt)] = last.slice();
    },
  };
}

function make(target: FuzzTarget, maxBytes: number, pick: () => Uint8Array, chance: Chance): Uint8Array {
  const { words = [] } = target;
  let input = pick();
  for (let changes = chance.pick([1, 1, 1, 2, 3, 5, 8]); changes > 0; changes--) {
    input = change(target, input, pick(), words, chance).subarray(0, maxBytes);
  }
  if (target.repair === undefined || chance.oneIn(6)) return input;
  return target.repair(input, chance).subarray(0, maxBytes);
}

function change(
  target: FuzzTarget,
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  chance: Chance,
): Uint8Array {
  if (target.mutate !== undefined && !chance.oneIn(4)) return target.mutate(input, chance);
  // Now and then as if it were something else.
  const as = chance.oneIn(20) ? chance.pick(["bytes", "cbor", "text"] as const) : target.kind;
  if (as === "bytes") return mutateBytes(input, other, words, chance);
  if (as === "cbor") return mutateCbor(input, other, words, chance);
  const text = mutateText(Buffer.from(input).toString("utf8"), Buffer.from(other).toString("utf8"), words, chance);
  return new Uint8Array(Buffer.from(text));
}
