import { sha256, toHex } from "@ggen/p2p-types";

/** An operation as a set has it. */
export interface Item {
  readonly time: number;
  readonly id: Uint8Array;
}

/** Where a range ends: before the first item that is not less. The id is as much of one as is needed. */
type Bound = Item;

type Range = { readonly bound: Bound } & (
  | { readonly mode: "skip" }
  | { readonly mode: "fingerprint"; readonly fingerprint: string }
  | { readonly mode: "ids"; readonly ids: readonly Uint8Array[] }
);

const buckets = 16;
const nothing = new Uint8Array();
const infinity: Bound = { time: Infinity, id: nothing };

/**
 * What a session takes by the algorithm of Negentropy protocol v1, as its reference has it: 16 buckets, lists of ids below
 * 32 items, no frame limit. Written after the specification and apart from our own implementation, as plainly as can be:
 * sets are arrays, fingerprints are summed anew. What would be sent is not encoded, only counted.
 * @see https://github.com/hoytech/negentropy
 */
export function negentropySession(
  ours: readonly Item[],
  theirs: readonly Item[],
): { readonly bytes: number; readonly trips: number } {
  let bytes = 0;
  let trips = 0;
  for (let message = split(ours, 0, ours.length, infinity); message.length > 0; trips += 1) {
    const answer = respond(theirs, message, true);
    bytes += bytesOf(message) + bytesOf(answer);
    message = respond(ours, answer, false);
  }
  return { bytes, trips };
}

function respond(items: readonly Item[], message: readonly Range[], givesIds: boolean): Range[] {
  const answer: Range[] = [];
  let from = 0;
  let skippedTo: Bound | undefined;
  for (const range of message) {
    const to = firstNotLess(items, range.bound);
    const isEqual = range.mode === "fingerprint" && range.fingerprint === fingerprintOf(items, from, to);
    const isSkipped = range.mode === "skip" || isEqual || (range.mode === "ids" && !givesIds);
    if (isSkipped) skippedTo = range.bound;
    else {
      if (skippedTo !== undefined) answer.push({ bound: skippedTo, mode: "skip" });
      skippedTo = undefined;
      if (range.mode === "ids") answer.push(listOf(items, from, to, range.bound));
      else answer.push(...split(items, from, to, range.bound));
    }
    from = to;
  }
  return answer;
}

function split(items: readonly Item[], from: number, to: number, bound: Bound): Range[] {
  const count = to - from;
  if (count < buckets * 2) return [listOf(items, from, to, bound)];
  const ranges: Range[] = [];
  let start = from;
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const end = start + Math.floor(count / buckets) + (bucket < count % buckets ? 1 : 0);
    const fingerprint = fingerprintOf(items, start, end);
    ranges.push({ bound: end === to ? bound : boundBefore(items, end), mode: "fingerprint", fingerprint });
    start = end;
  }
  return ranges;
}

function listOf(items: readonly Item[], from: number, to: number, bound: Bound): Range {
  return { bound, mode: "ids", ids: items.slice(from, to).map(({ id }) => id) };
}

/** The shortest bound between an item and the one before it. */
function boundBefore(items: readonly Item[], place: number): Bound {
  const [before, item] = [items[place - 1], items[place]];
  if (before === undefined || item === undefined) throw new RangeError("no bound there");
  if (before.time !== item.time) return { time: item.time, id: nothing };
  let shared = 0;
  while (before.id[shared] === item.id[shared]) shared += 1;
  return { time: item.time, id: item.id.subarray(0, shared + 1) };
}

function firstNotLess(items: readonly Item[], bound: Bound): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = items[middle];
    const isLess = item !== undefined && (item.time - bound.time || Buffer.compare(item.id, bound.id)) < 0;
    if (isLess) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The sum of the ids as numbers of 256 bits, with their count, hashed. */
function fingerprintOf(items: readonly Item[], from: number, to: number): string {
  const sum = new Float64Array(16);
  for (let place = from; place < to; place += 1) {
    const id = items[place]?.id ?? nothing;
    for (let part = 0; part < 16; part += 1) {
      sum[part] = (sum[part] ?? 0) + (id[2 * part] ?? 0) + (id[2 * part + 1] ?? 0) * 256;
    }
  }
  const bytes = Buffer.alloc(32);
  let carry = 0;
  for (let part = 0; part < 16; part += 1) {
    const value = (sum[part] ?? 0) + carry;
    bytes.writeUInt16LE(value % 65_536, 2 * part);
    carry = Math.floor(value / 65_536);
  }
  return toHex(sha256(Buffer.concat([bytes, Buffer.from(`${to - from}`)])).subarray(0, 16));
}

function bytesOf(message: readonly Range[]): number {
  // The version of the protocol.
  let bytes = 1;
  let time = 0;
  for (const range of message) {
    const { bound } = range;
    bytes += bound.time === Infinity ? 1 : varintBytes(bound.time - time + 1);
    time = bound.time;
    bytes += varintBytes(bound.id.byteLength) + bound.id.byteLength + 1;
    if (range.mode === "fingerprint") bytes += 16;
    if (range.mode === "ids") bytes += varintBytes(range.ids.length) + range.ids.length * 32;
  }
  return bytes;
}

function varintBytes(value: number): number {
  return value < 128 ? 1 : 1 + varintBytes(Math.floor(value / 128));
}
