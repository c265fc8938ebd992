import { GgenError } from "./errors.ts";
import { isPackageId } from "./package-id.ts";

/** A parsed `[PUBLISHER/]ID[@RANGE]`. */
export interface PackageRef {
  /** An id, a prefix of 8 or more characters, or a nickname; not yet resolved. */
  readonly publisher?: string;
  /** As written; compared without case. */
  readonly id: string;
  /** A semver range as written; not yet parsed. */
  readonly range?: string;
}

const publisherPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/**
 * Parses a package reference.
 * @param text - `[PUBLISHER/]ID[@RANGE]`
 * @throws GgenError `ref.invalid`
 */
export function parseRef(text: string): PackageRef {
  const refuse = (got: string): GgenError =>
    new GgenError("ref.invalid", `"${text.slice(0, 200)}" is not a package reference`, {
      expected: "[PUBLISHER/]ID[@RANGE], e.g. io.ggen.rust.cli@^1.2.0",
      got,
    });
  if (text.length > 400) throw refuse(`${text.length} characters`);
  const at = text.indexOf("@");
  const path = at === -1 ? text : text.slice(0, at);
  const range = at === -1 ? undefined : text.slice(at + 1).trim();
  if (range === "") throw refuse("an empty range after @");
  const parts = path.split("/");
  const id = parts.at(-1) ?? "";
  if (parts.length > 2 || !isPackageId(id)) throw refuse(`"${id}" as id`);
  const publisher = parts.length === 2 ? parts[0] : undefined;
  if (publisher !== undefined && !publisherPattern.test(publisher)) throw refuse(`"${publisher}" as publisher`);
  return { ...(publisher === undefined ? {} : { publisher }), id, ...(range === undefined ? {} : { range }) };
}

/** A reference as text, the inverse of {@link parseRef}. */
export function formatRef(ref: PackageRef): string {
  return `${ref.publisher === undefined ? "" : `${ref.publisher}/`}${ref.id}${ref.range === undefined ? "" : `@${ref.range}`}`;
}
