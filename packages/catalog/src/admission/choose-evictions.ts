/** Bytes of a publisher's operations by how long ago this node first saw them; each operation in one of the four. */
export interface BytesByAge {
  readonly hour: number;
  readonly day: number;
  readonly week: number;
  readonly older: number;
}

/** A publisher for whom the user decided nothing, as much of it as decides whether it stays. */
export interface Stranger {
  /** Its number in the catalogue. */
  readonly publisher: number;
  /** The peer that delivered its last operation; empty when that is not known. */
  readonly source: string;
  /** When its first operation was seen, in milliseconds since 1970. */
  readonly firstSeenMs: number;
  readonly bytes: BytesByAge;
}

/** A publisher of more bytes goes before smaller ones that are as new: few keys with much are a flood, too. */
const largeBytes = 1024 * 1024;

/** All bytes of a publisher. */
export function bytesOf({ bytes }: Stranger): number {
  return bytes.hour + bytes.day + bytes.week + bytes.older;
}

/**
 * What is new of a publisher, in bytes of the last hour: of a flood a byte is still a quarter within a day, a 64th within a
 * week, and nothing after that.
 */
export function heatOf({ bytes: { hour, day, week } }: Stranger): number {
  return hour + day / 4 + week / 64;
}

/** What one peer delivered: who goes first is last in the list. */
interface Share {
  readonly source: string;
  readonly strangers: Stranger[];
  heat: number;
  bytes: number;
}

/**
 * Chooses whole publishers that have to go so that some room becomes free. The peer that delivered most in the last time
 * gives first, and never falls below what another keeps: with many keys one peer displaces what it brought itself. Of its
 * publishers those go first that are mostly new, and of these the large ones, then the one seen last: who was there before
 * a flood outlives it, and so does an old publisher with a new release. A function of its arguments alone.
 * @param strangers - publishers that may go; each once
 * @param bytesToFree - as {@link bytesOf} counts
 * @returns in the order in which they go; as many as are needed, or all
 */
export function chooseEvictions(strangers: readonly Stranger[], bytesToFree: number): Stranger[] {
  const bySource = new Map<string, Share>();
  for (const stranger of strangers) {
    const share = bySource.get(stranger.source) ?? { source: stranger.source, strangers: [], heat: 0, bytes: 0 };
    bySource.set(stranger.source, share);
    share.strangers.push(stranger);
    share.heat += heatOf(stranger);
    share.bytes += bytesOf(stranger);
  }
  const heap: Heap = [];
  for (const share of bySource.values()) {
    share.strangers.sort((a, b) => goesBefore(b, a));
    heap.push(share);
    rise(heap);
  }
  const chosen: Stranger[] = [];
  let freed = 0;
  for (let share = heap[0]; share !== undefined && freed < bytesToFree; share = heap[0]) {
    const stranger = share.strangers.pop();
    if (stranger === undefined) break;
    chosen.push(stranger);
    freed += bytesOf(stranger);
    share.bytes -= bytesOf(stranger);
    // Who has nothing left stands behind all others.
    share.heat = share.strangers.length === 0 ? -1 : share.heat - heatOf(stranger);
    sink(heap);
  }
  return chosen;
}

/** Negative when `a` goes before `b`. */
function goesBefore(a: Stranger, b: Stranger): number {
  const newness = heatOf(b) / bytesOf(b) - heatOf(a) / bytesOf(a);
  if (newness !== 0 && !Number.isNaN(newness)) return newness;
  const largeness = Number(bytesOf(b) >= largeBytes) - Number(bytesOf(a) >= largeBytes);
  return largeness || b.firstSeenMs - a.firstSeenMs || bytesOf(b) - bytesOf(a) || b.publisher - a.publisher;
}

/** The hottest share stands first, and none behind one that is less hot: two behind each. */
type Heap = (Share | undefined)[];

/** Whether a share is hotter than another; false where there is none at a place. */
function isHotter(heap: Heap, place: number, other: number): boolean {
  const [a, b] = [heap[place], heap[other]];
  if (a === undefined || b === undefined) return false;
  const more = a.heat - b.heat || a.bytes - b.bytes;
  return more === 0 ? a.source < b.source : more > 0;
}

function swap(heap: Heap, place: number, other: number): void {
  [heap[place], heap[other]] = [heap[other], heap[place]];
}

/** Puts the last element of a heap in its place. */
function rise(heap: Heap): void {
  for (let place = heap.length - 1; ;) {
    const parent = (place - 1) >> 1;
    if (!isHotter(heap, place, parent)) return;
    swap(heap, place, parent);
    place = parent;
  }
}

/** Puts the first element of a heap in its place. */
function sink(heap: Heap): void {
  for (let place = 0; ;) {
    const left = 2 * place + 1;
    const child = isHotter(heap, left + 1, left) ? left + 1 : left;
    if (!isHotter(heap, child, place)) return;
    swap(heap, child, place);
    place = child;
  }
}
