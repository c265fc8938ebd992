import { base58btc } from "multiformats/bases/base58";
import { CID } from "multiformats/cid";
import { decode } from "multiformats/hashes/digest";
import type { MultihashDigest } from "multiformats/hashes/interface";

const identityCode = 0x00;
const sha256Code = 0x12;
const libp2pKeyCode = 0x72;
/** The protobuf around an Ed25519 public key: type 1, data of 32 bytes. */
const ed25519Prefix = [0x08, 0x01, 0x12, 0x20];

/**
 * What kind of key a peer id stands for.
 * @param text - a peer id in base58, or as a CID
 * @returns `ed25519` when the id holds such a key, `hashed` when it is only the hash of one (RSA), `other` for the rest;
 * undefined when the text is no peer id
 * @see https://github.com/libp2p/specs/blob/master/peer-ids/peer-ids.md
 */
export function peerIdKind(text: string): "ed25519" | "hashed" | "other" | undefined {
  const multihash = text.length > 200 ? undefined : readMultihash(text);
  if (multihash === undefined) return undefined;
  const { code, digest } = multihash;
  if (code === sha256Code) return digest.byteLength === 32 ? "hashed" : undefined;
  if (code !== identityCode || digest.byteLength < 36 || digest[0] !== 0x08) return undefined;
  return digest.byteLength === 36 && ed25519Prefix.every((byte, index) => digest[index] === byte) ? "ed25519" : "other";
}

function readMultihash(text: string): MultihashDigest | undefined {
  try {
    if (/^(?:1|Qm)/.test(text)) return decode(base58btc.baseDecode(text));
    const cid = CID.parse(text);
    return cid.code === libp2pKeyCode ? cid.multihash : undefined;
  } catch {
    return undefined;
  }
}
