/** Seconds since a `performance.now()` value, for people: `0.4 s`. */
export function elapsed(sinceMs: number): string {
  return formatSeconds(performance.now() - sinceMs);
}

/** Milliseconds as seconds with one decimal. */
export function formatSeconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
