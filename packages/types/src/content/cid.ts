import { base32 } from "multiformats/bases/base32";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";

import { sha256 } from "../crypto/hash.ts";

/** Multicodec of a bare leaf. */
export const rawCodec = 0x55;
/** Multicodec of a UnixFS node. */
export const dagPbCodec = 0x70;
const sha256Code = 0x12;

/** CIDv1 of a block. @param codec - {@link rawCodec} or {@link dagPbCodec} */
export function blockCid(codec: typeof rawCodec | typeof dagPbCodec, block: Uint8Array): CID {
  return cidOfDigest(codec, sha256(block));
}

/** CIDv1 from a known digest. @param digest - 32 bytes of sha2-256 */
export function cidOfDigest(codec: typeof rawCodec | typeof dagPbCodec, digest: Uint8Array): CID {
  return CID.createV1(codec, createDigest(sha256Code, digest));
}

/**
 * The text of a binary CID of a kind that content may have here ({@link isContentCid}); undefined for any other.
 * @param bytes - a whole binary CID, or anything else
 */
export function contentCidText(bytes: Uint8Array): string | undefined {
  const [version, codec, hash, length] = bytes;
  const isContent =
    version === 1 && (codec === rawCodec || codec === dagPbCodec) && hash === sha256Code && length === 32;
  return isContent && bytes.byteLength === 36 ? base32.encode(bytes) : undefined;
}

/** Whether a CID is of a kind that content may have here: v1, raw or dag-pb, 32 bytes of sha2-256. */
export function isContentCid(cid: CID): boolean {
  return (
    cid.version === 1 &&
    (cid.code === rawCodec || cid.code === dagPbCodec) &&
    cid.multihash.code === sha256Code &&
    cid.multihash.digest.byteLength === 32
  );
}
