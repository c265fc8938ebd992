import { parseRange } from "@ggen/p2p-gpack";
import { type PackageRef, parseRef } from "@ggen/p2p-types";

/**
 * Parses a reference with its range, before anything is looked up: a mistyped range is not "no such version".
 * @param text - `[PUBLISHER/]ID[@RANGE]`
 * @throws GgenError `ref.invalid`, `version.invalid`
 */
export function readRef(text: string): PackageRef {
  const ref = parseRef(text);
  if (ref.range !== undefined) parseRange(ref.range);
  return ref;
}
