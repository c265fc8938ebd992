import type { Candidate } from "./candidate.ts";
import { wantedBy } from "./requirement.ts";

/**
 * The chosen packages, each after those that it needs; within a cycle the one that was reached first comes last.
 * @param chosen - by id in lower case
 * @param roots - ids in lower case
 */
export function dependenciesFirst<C extends Candidate>(
  chosen: ReadonlyMap<string, C>,
  roots: readonly string[],
): readonly C[] {
  const ordered: C[] = [];
  const seen = new Set<string>();
  const stack: { readonly key: string; readonly after: boolean }[] = [];
  const push = (keys: readonly string[]): void => {
    stack.push(...keys.toReversed().map((key) => ({ key, after: false })));
  };
  push(roots);
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const candidate = chosen.get(next.key);
    if (candidate === undefined) continue;
    if (next.after) {
      ordered.push(candidate);
    } else if (!seen.has(next.key)) {
      seen.add(next.key);
      stack.push({ key: next.key, after: true });
      push((wantedBy(candidate) ?? []).map(({ ref }) => ref.id.toLowerCase()).sort());
    }
  }
  return ordered;
}
