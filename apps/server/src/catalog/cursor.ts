import { GgenError, sha256 } from "@ggen/p2p-types";

/** One byte of format, four of offset, eight of the query's hash. */
const cursorBytes = 13;
const format = 1;

/** Highest offset that a cursor may name: more packages than a catalogue holds. */
export const maxOffset = 100_000_000;

function queryTag(query: unknown): Uint8Array {
  return sha256(new TextEncoder().encode(JSON.stringify(query))).subarray(0, 8);
}

/**
 * A place in the results of one query, opaque to clients.
 * @param offset - results before it, 0 to {@link maxOffset}
 * @param query - the query, as plain JSON with a fixed order of keys
 */
export function encodeCursor(offset: number, query: unknown): string {
  const bytes = Buffer.alloc(cursorBytes);
  bytes.writeUInt8(format, 0);
  bytes.writeUInt32BE(offset, 1);
  bytes.set(queryTag(query), 5);
  return bytes.toString("base64url");
}

/**
 * The offset of a cursor.
 * @param cursor - what a client sent
 * @param query - the query that it sent it with
 * @throws GgenError `usage.invalid` when it is no cursor of ours, or one of another query
 */
export function decodeCursor(cursor: string, query: unknown): number {
  const bytes = cursor.length > 64 ? Buffer.alloc(0) : Buffer.from(cursor, "base64url");
  const offset = bytes.length === cursorBytes && bytes.readUInt8(0) === format ? bytes.readUInt32BE(1) : -1;
  if (offset < 0 || offset > maxOffset || encodeCursor(offset, query) !== cursor) {
    throw new GgenError("usage.invalid", "The cursor does not belong to this query", {
      expected: "the `next` of an earlier page of the same query",
      got: JSON.stringify(cursor.slice(0, 64)),
      hint: "Start again without a cursor.",
    });
  }
  return offset;
}
