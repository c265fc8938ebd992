import { familyVersion, GgenError } from "@ggen/p2p-types";

import type { Candidate } from "./candidate.ts";
import { isCompatible, type Requirement } from "./requirement.ts";

const maxShown = 10;

/**
 * Why no version fits: the ranges that clash and the versions that exist.
 * @param requirements - all that ask for one package, at least one
 */
export function explainConflict<C extends Candidate>(requirements: readonly Requirement<C>[]): GgenError {
  const [first] = requirements;
  if (first === undefined) throw new GgenError("internal", "A conflict without a requirement");
  const { id } = first.ref;
  const byUser = requirements.every(({ by }) => by === undefined);
  const offers = requirements.flatMap((requirement) => requirement.offers);
  const inRange = first.offers.filter(({ version }) => requirements.every(({ range }) => range.test(version)));
  const wanted = requirements.slice(0, maxShown).map(({ by, ref, range }) => {
    const what = `${nameOf(ref)} ${range.text || "*"}`;
    return by === undefined ? `you ask for ${what}` : `${by} needs ${what}`;
  });
  const versions = [...new Set(offers.map(({ version }) => version))].slice(0, maxShown);
  const details = {
    expected: wanted.join("; "),
    got:
      versions.length === 0
        ? "no version at all"
        : `${versions.length === 1 ? "version" : "versions"} ${versions.join(", ")}`,
    data: {
      id,
      requirements: requirements.slice(0, maxShown).map(({ by, range }) => ({ by: by ?? null, range: range.text })),
      versions,
    },
  };
  if (byUser && offers.length === 0)
    return new GgenError("package.not-found", `No publisher has released ${id}`, details);
  if (inRange.length > 0 && inRange.every((offer) => !isCompatible(offer))) {
    const compat = inRange[0]?.ggenCompat ?? "";
    const message = `${id}@${inRange[0]?.version ?? ""} asks for ggen ${compat}, this is ${familyVersion}`;
    return new GgenError("package.incompatible", message, {
      ...details,
      expected: `ggen ${compat}`,
      got: familyVersion,
    });
  }
  if (byUser && requirements.length === 1) {
    return new GgenError("package.version-not-found", `${id} has no version in ${first.range.text}`, details);
  }
  return new GgenError(
    "dependency.unresolvable",
    `No version of ${id} fits: ${details.expected}; what there is: ${details.got}`,
    details,
  );
}

/** The refusal of a graph that took too many steps. */
export function explainGivingUp(limit: string, conflict: GgenError | undefined): GgenError {
  const also = conflict === undefined ? "" : `; the first conflict was: ${conflict.message}`;
  return new GgenError("dependency.unresolvable", `The dependencies were not resolved within ${limit}${also}`, {
    expected: `a solution within ${limit}`,
    got: "none",
    ...(conflict !== undefined && { cause: conflict }),
  });
}

function nameOf(ref: { readonly id: string; readonly publisher?: string }): string {
  return ref.publisher === undefined ? ref.id : `${ref.publisher}/${ref.id}`;
}
