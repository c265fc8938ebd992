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
