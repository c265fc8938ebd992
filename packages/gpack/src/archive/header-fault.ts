import { equalBytes } from "@ggen/p2p-types";

/** What entries other than regular files are, by their type. */
const kinds: Readonly<Record<string, string>> = {
  "\0": "a regular file of the old form",
  "1": "a hard link",
  "2": "a symbolic link",
  "3": "a character device",
  "4": "a block device",
  "5": "a folder of its own",
  "6": "a named pipe",
  "7": "a contiguous file",
  g: "a global pax header",
  x: "a pax header",
  K: "a GNU long link",
  L: "a GNU long name",
  S: "a GNU sparse file",
};

/** Where the fields of a ustar header begin and end, and what it means when one differs from the canonical one. */
const fields: readonly (readonly [from: number, to: number, reason: string])[] = [
  [108, 124, "an owner's number"],
  [136, 148, "a time"],
  [157, 257, "the name of a link"],
  [265, 329, "an owner's name"],
  [329, 345, "a device's number"],
  [0, 100, "a name that is split or filled up otherwise"],
  [345, 500, "a prefix that is split or filled up otherwise"],
  [500, 512, "bytes after the prefix"],
  [148, 156, "a wrong checksum"],
];

/**
 * Why a header cannot be read as one of a regular file, as far as that can be told without its path.
 * @param header - 512 bytes
 */
export function formFault(header: Uint8Array): string | undefined {
  const text = (from: number, to: number): string => Buffer.from(header.subarray(from, to)).toString("latin1");
  if (text(257, 265) === "ustar  \0") return "the magic of GNU tar";
  if (text(257, 265) !== "ustar\u000000") return "no magic of ustar";
  const type = text(156, 157);
  if (type !== "0") return kinds[type] ?? "an entry of an unknown kind";
  if (!/^[0-7]{11}\0$/.test(text(124, 136))) return "a size that is not eleven octal digits";
  if (!/^0000(?:644|755)\0$/.test(text(100, 108))) return "a mode that is neither 0644 nor 0755";
  return undefined;
}

/** The first field that differs. @param header, canonical - 512 bytes each, of the same size, mode and path */
export function fieldFault(header: Uint8Array, canonical: Uint8Array): string | undefined {
  const differs = fields.find(([from, to]) => !equalBytes(header.subarray(from, to), canonical.subarray(from, to)));
  if (differs !== undefined) return differs[2];
  return equalBytes(header, canonical) ? undefined : "a header that is not canonical";
}
