/** How many chunks a have-map says are there: one bit for each. */
export function countHeld(map: Uint8Array): number {
  let count = 0;
  for (const byte of map) for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
