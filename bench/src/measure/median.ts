/**
 * The middle of the samples; of an even number, the mean of the two in the middle.
 *
 * @throws RangeError without samples
 */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new RangeError("a median needs at least one sample");
  return (lower + upper) / 2;
}

/**
 * The sample that a share of the others does not exceed.
 *
 * @param percent 0-100
 * @throws RangeError without samples
 */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((left, right) => left - right);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("a percentile needs at least one sample");
  return value;
}
