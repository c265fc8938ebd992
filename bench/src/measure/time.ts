/** Milliseconds that a piece of work takes. */
export async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const since = performance.now();
  await work();
  return performance.now() - since;
}

/** Milliseconds of each of several runs, one after another. */
export async function timeRuns(count: number, work: (index: number) => Promise<unknown>): Promise<number[]> {
  const samples: number[] = [];
  for (let index = 0; index < count; index += 1) samples.push(await timeMs(() => work(index)));
  return samples;
}

/** Milliseconds since 1970 with fractions, which processes of one machine can compare. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
