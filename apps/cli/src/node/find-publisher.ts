import { GgenError, type PublisherInfo } from "@ggen/p2p-types";

const shortestPrefix = 8;

/**
 * The publishers that a text names.
 * @param known - all that the node knows
 * @param text - an id, a unique prefix of 8 or more characters, or a nickname; absent: those this home signs for
 * @throws GgenError `publisher.not-found`
 */
export function findPublishers(known: readonly PublisherInfo[], text: string | undefined): readonly PublisherInfo[] {
  if (text === undefined) {
    const own = known.filter((row) => row.own);
    if (own.length > 0) return own;
    throw new GgenError("publisher.not-found", "This home has no publisher yet", {
      hint: "Make one: ggen publisher init",
    });
  }
  const exact = known.filter((row) => row.publisher === text || row.nickname === text);
  const found =
    exact.length > 0 || text.length < shortestPrefix ? exact : known.filter((row) => row.publisher.startsWith(text));
  if (found.length === 1) return found;
  throw new GgenError(
    "publisher.not-found",
    found.length === 0
      ? `No publisher "${text.slice(0, 80)}" is known`
      : `"${text}" is not the beginning of one publisher only`,
    {
      expected: `an id, a unique prefix of ${shortestPrefix} or more characters, or a nickname`,
      got: found.length === 0 ? JSON.stringify(text.slice(0, 80)) : `${found.length} publishers`,
    },
  );
}
