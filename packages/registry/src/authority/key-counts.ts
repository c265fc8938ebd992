import { GgenError, maxRotationKeys } from "@ggen/p2p-types";

/** How many rotation keys there are, and how many sign together. @throws GgenError `usage.invalid` */
export function checkKeyCounts(keys: number, threshold: number): void {
  const isCount = (count: number, max: number): boolean => Number.isInteger(count) && count >= 1 && count <= max;
  if (isCount(keys, maxRotationKeys) && isCount(threshold, keys)) return;
  throw new GgenError("usage.invalid", "The number of rotation keys or their threshold is out of range", {
    expected: `1 to ${maxRotationKeys} keys, and a threshold from 1 to their number`,
    got: `${keys} keys, a threshold of ${threshold}`,
  });
}
