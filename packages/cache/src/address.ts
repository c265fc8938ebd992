import { chunkSize, type ContentAddress, GgenError, isContentCid, rawCodec, toHex } from "@ggen/p2p-types";
import { CID } from "multiformats/cid";

/** Most characters of a CID that a refusal shows. */
const maxShownLength = 64;
/** A CIDv1 of ours in base32. Its parser takes upper case, too, and gives the text back as it was. */
const cidPattern = /^b[a-z2-7]{58}$/;

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
  if (!cidPattern.test(text)) return undefined;
  let cid: CID;
  try {
    cid = CID.parse(text);
  } catch {
    return undefined;
  }
  if (!isContentCid(cid)) return undefined;
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
    throw refuse("a CIDv1 in base32, raw or dag-pb, sha2-256", content.cid.slice(0, maxShownLength));
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
