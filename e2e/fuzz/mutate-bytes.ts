import type { Chance } from "./target.ts";

const edges = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff];

/** Changes one thing about some bytes. @param other - another input, to take parts from */
export function mutateBytes(
  input: Uint8Array,
  other: Uint8Array,
  words: readonly string[],
  chance: Chance,
): Uint8Array {
  const at = chance.below(input.byteLength + 1);
  const length = 1 + chance.below(chance.pick([1, 4, 16, 64, 1024]));
  switch (chance.below(11)) {
    case 0: {
      const copy = input.slice();
      copy[at] = (copy[at] ?? 0) ^ (1 << chance.below(8));
      return copy;
    }
    case 1: {
      const copy = input.slice();
      copy[at] = chance.pick([0, 1, 0x7f, 0x80, 0xfe, 0xff, chance.below(256)]);
      return copy;
    }
    case 2:
      return input.slice(0, at);
    case 3:
      return join(input.subarray(0, at), input.subarray(at + length));
    case 4:
      return join(input.subarray(0, at), input.subarray(at, at + length), input.subarray(at));
    case 5:
      return join(
        input.subarray(0, at),
        Uint8Array.from({ length }, () => chance.below(256)),
        input.subarray(at),
      );
    case 6:
      return writeNumber(input, at, chance);
    case 7: {
      const from = chance.below(other.byteLength + 1);
      return join(input.subarray(0, at), other.subarray(from));
    }
    case 8: {
      const from = chance.below(other.byteLength + 1);
      return join(input.subarray(0, at), other.subarray(from, from + length), input.subarray(at));
    }
    case 9: {
      if (words.length === 0) return input.slice(at);
      const word = new TextEncoder().encode(chance.pick(words));
      return join(input.subarray(0, at), word, input.subarray(chance.oneIn(2) ? at : at + word.byteLength));
    }
    default:
      return join(input, new Uint8Array(length).fill(chance.pick([0, 0x20, 0xff])));
  }
}

/** Overwrites a number of 1, 2, 4 or 8 bytes, either end first, with one at an edge or near what was there. */
function writeNumber(input: Uint8Array, at: number, chance: Chance): Uint8Array {
  const width = chance.pick([1, 2, 4, 8]);
  if (input.byteLength < width) return input.slice();
  const copy = input.slice();
  const view = new DataView(copy.buffer);
  const offset = Math.min(at, copy.byteLength - width);
  const little = chance.oneIn(2);
  const value = chance.oneIn(3) ? chance.pick(edges) : (copy[offset] ?? 0) + chance.below(9) - 4;
  if (width === 1) view.setUint8(offset, value);
  else if (width === 2) view.setUint16(offset, value, little);
  else if (width === 4) view.setUint32(offset, value, little);
  else view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), little);
  return copy;
}

/** Bytes one after the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
