import { type CborItem, readItem, writeItem } from "./cbor-items.ts";
import { mutateBytes } from "./mutate-bytes.ts";
import { mutateText } from "./mutate-text.ts";
import type { Chance } from "./target.ts";

const edges = [
  0n,
  1n,
  23n,
  24n,
  255n,
  256n,
  65_535n,
  65_536n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n - 1n,
  2n ** 53n,
  2n ** 64n - 1n,
];
const strange: readonly CborItem[] = [
  { major: 7, value: 20n },
  { major: 7, value: 21n },
  { major: 7, value: 22n },
  { major: 7, value: 23n },
  { major: 7, value: 0n },
  { major: 7, value: 32n, width: 1 },
  { major: 7, value: 0x3c00n, width: 2 },
  { major: 7, value: 0x7e00n, width: 2 },
  { major: 7, value: 0x7f800000n, width: 4 },
  { major: 7, value: 0x3ff8000000000000n, width: 8 },
  { major: 7, value: 0x4330000000000000n, width: 8 },
  { major: 2, value: 0n, bytes: new Uint8Array() },
  { major: 3, value: 0n, bytes: new Uint8Array() },
  { major: 3, value: 0n, bytes: Uint8Array.of(0xed, 0xa0, 0x80) },
  { major: 3, value: 0n, bytes: new TextEncoder().encode("__proto__") },
  { major: 4, value: 0n, items: [] },
  { major: 5, value: 0n, items: [] },
  {
    major: 6,
    value: 42n,
    items: [{ major: 2, value: 0n, bytes: Uint8Array.of(0, 1, 0x55, 0x12, 0x20, ...new Uint8Array(32)) }],
  },
  { major: 6, value: 42n, items: [{ major: 2, value: 0n, bytes: new Uint8Array() }] },
  { major: 6, value: 2n, items: [{ major: 2, value: 0n, bytes: Uint8Array.of(1, 0) }] },
];

/** Changes one thing about some CBOR, mostly so that it stays CBOR. @param other - another input, to take parts from */
export function mutateCbor(input: Uint8Array, other: Uint8Array, words: readonly string[], chance: Chance): Uint8Array {
  const read = chance.oneIn(5) ? undefined : readItem(input);
  if (read === undefined) return mutateBytes(input, other, words, chance);
  const donor = readItem(other)?.item ?? read.item;
  const changed = changeSomewhere(read.item, donor, words, chance);
  const bytes = writeItem(changed);
  return chance.oneIn(30) ? new Uint8Array(Buffer.concat([bytes, input.subarray(read.end), Uint8Array.of(0)])) : bytes;
}

function changeSomewhere(item: CborItem, donor: CborItem, words: readonly string[], chance: Chance): CborItem {
  const { items } = item;
  if (items !== undefined && items.length > 0 && !chance.oneIn(4)) {
    const at = chance.below(items.length);
    return {
      ...item,
      items: items.map((inner, place) => (place === at ? changeSomewhere(inner, donor, words, chance) : inner)),
    };
  }
  // A byte string may hold CBOR itself, as an envelope holds its operation.
  if (item.major === 2 && item.bytes !== undefined && item.bytes.byteLength > 32 && !chance.oneIn(4)) {
    const inner = readItem(item.bytes);
    if (inner?.end === item.bytes.byteLength && inner.item.major === 5) {
      return { ...item, bytes: writeItem(changeSomewhere(inner.item, donor, words, chance)) };
    }
  }
  return change(item, donor, words, chance);
}

function change(item: CborItem, donor: CborItem, words: readonly string[], chance: Chance): CborItem {
  switch (chance.below(8)) {
    case 0:
      return chance.pick(strange);
    case 1:
      return somewhereIn(donor, chance);
    case 2:
      return { major: chance.below(2), value: chance.pick(edges) };
    case 3:
      return { ...item, lie: chance.oneIn(2) ? chance.pick(edges) : BigInt(chance.below(40)) };
    case 4:
      return { ...item, width: chance.pick([1, 2, 4, 8]) };
    case 5: {
      let nested = item;
      for (let depth = 1 << chance.below(12); depth > 0; depth--) nested = { major: 4, value: 1n, items: [nested] };
      return nested;
    }
    default:
      return changeContent(item, donor, words, chance);
  }
}

function changeContent(item: CborItem, donor: CborItem, words: readonly string[], chance: Chance): CborItem {
  const { bytes, items, major } = item;
  if (bytes !== undefined && major === 3) {
    const text = mutateText(Buffer.from(bytes).toString("utf8"), chance.pick(["", "a.b-c", ...words]), words, chance);
    return { ...item, bytes: new Uint8Array(Buffer.from(text.slice(0, 5000))) };
  }
  if (bytes !== undefined) {
    const whole = chance.oneIn(2) ? new Uint8Array(Math.max(0, bytes.byteLength + chance.below(3) - 1)) : bytes;
    return { ...item, bytes: mutateBytes(whole, bytes, words, chance) };
  }
  if (items === undefined) return { major, value: item.value + BigInt(chance.below(5)) };
  const step = major === 5 ? 2 : 1;
  const at = chance.below(Math.floor(items.length / step) + 1) * step;
  const part = items.slice(at, at + step);
  const taken =
    donor.major === major ? (donor.items ?? []).slice(0, step) : Array<CborItem>(step).fill(chance.pick(strange));
  const rest = items.slice(at + step);
  const kept = items.slice(0, at);
  const copies = Math.min(1 << chance.below(9), Math.ceil(4096 / (1 + writeItem({ ...item, items: part }).byteLength)));
  const next = chance.pick([
    [...kept, ...rest],
    [...kept, ...part, ...part, ...rest],
    [...kept, ...taken, ...part, ...rest],
    [...rest, ...kept, ...part],
    [...kept, ...Array.from({ length: copies }, () => part).flat(), ...rest],
  ]);
  return major === 6
    ? { ...item, items: [next[0] ?? item], value: chance.pick([42n, item.value + 1n]) }
    : { ...item, items: next };
}

function somewhereIn(item: CborItem, chance: Chance): CborItem {
  let found = item;
  while (found.items !== undefined && found.items.length > 0 && !chance.oneIn(3)) found = chance.pick(found.items);
  return found;
}
