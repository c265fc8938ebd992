import { chunkSize, type ContentAddress, GgenError, isContentCid, rawCodec, toHex } from "@ggen/p2p-types";
import { CID } from "multiformats/cid";

/** A CIDv1 of ours has 59 characters; a longer text is refused before it is parsed. */
const maxCidLength = 64;

/** Whether a text is a sha2-256 digest as blocks and files are named: 64 lower-case hexadecimal digits. */
export function isDigest(text: string): boolean {
  return text.length === 64 && /^[0-9a-f]+$/.test(text);
}

/** What the CID of a content says about its root block. */
export interface ContentRoot {
  /** 64 hexadecimal digits. */
  readonly digest: string;
  readonly kind: "node" | "leaf";
}

/** The root of a CID in its one accepted spelling (CIDv1, base32); undefined for anything else. */
export function parseContentCid(text: string): ContentRoot | undefined {
  if (text.length > maxCidLength) return undefined;
  let cid: CID;
  try {
    cid = CID.parse(text);
  } catch {
    return undefined;
  }
  if (!isContentCid(cid) || cid.toString() !== text) return undefined;
  return { digest: toHex(cid.multihash.digest), kind: cid.code === rawCodec ? "leaf" : "node" };
}

/**
 * Checks what can be checked of an address without its bytes: spelling, a size that suits the kind of its CID, and the
 * sha256, which for a single chunk is the digest of the CID itself.
 * @throws GgenError `content.mismatch`
 */
export function checkAddress(content: ContentAddress): ContentRoot {
  const refuse = (expected: string, got: string): GgenError =>
    new GgenError("content.mismatch", "A content address is not valid", { expected, got });
  const root = parseContentCid(content.cid);
  if (root === undefined) {
    throw refuse("a CIDv1 in base32, raw or dag-pb, sha2-256", content.cid.slice(0, maxCidLength));
  }
  if (!Number.isSafeInteger(content.size) || content.size < 1) throw refuse("a size of 1 or more", `${content.size}`);
  if (!isDigest(content.sha256)) throw refuse("a sha256 of 64 hexadecimal digits", content.sha256.slice(0, 64));
  if (content.size <= chunkSize !== (root.kind === "leaf")) {
    throw refuse("a raw CID up to one chunk, a dag-pb CID above", `${content.cid} for ${content.size} bytes`);
  }
  if (root.kind === "leaf" && root.digest !== content.sha256) {
    throw refuse(`sha256 ${root.digest}, as the CID says`, content.sha256);
  }
  return root;
}
