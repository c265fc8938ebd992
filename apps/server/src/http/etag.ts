const entityTag = /\s*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)/y;

/**
 * Whether `If-None-Match` names a tag (weak comparison) or any at all.
 * @param header - its text; absent or malformed matches nothing
 * @param etag - our tag with its quotes
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.2
 */
export function matchesNone(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  const strong = etag.replace(/^W\//, "");
  const tags = new RegExp(entityTag);
  for (let found = tags.exec(header); found !== null && found[0] !== ""; found = tags.exec(header)) {
    if (found[2] === strong) return true;
    if (tags.lastIndex >= header.length) return false;
  }
  return false;
}

/**
 * Whether `If-Range` lets a range through: absent, or exactly this strong tag. A date never does: we send none.
 * @param header - its text
 * @param etag - our strong tag with its quotes
 */
export function allowsRange(header: string | undefined, etag: string): boolean {
  return header === undefined || header.trim() === etag;
}
