import type { NodeApi } from "@ggen/p2p-types";

/**
 * How many rotation keys a change of a publisher needs.
 * @param named - as the user wrote it; absent: the one that this home signs for
 * @returns undefined when it is not known
 */
export async function thresholdOf(
  api: Pick<NodeApi, "publishers">,
  named: string | undefined,
  signal: AbortSignal,
): Promise<number | undefined> {
  const known = await api.publishers({ signal });
  const meant = known.filter((row) =>
    named === undefined
      ? row.own || row.signingKeys.some(({ local }) => local)
      : row.nickname === named || row.publisher.startsWith(named),
  );
  const [only] = meant;
  return meant.length === 1 && only?.threshold !== undefined && only.threshold > 0 ? only.threshold : undefined;
}
