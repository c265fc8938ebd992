import { createSigner } from "@ggen/p2p-types";
import { publicKeyFromRaw } from "@libp2p/crypto/keys";
import type { PeerId } from "@libp2p/interface";
import { peerIdFromPublicKey } from "@libp2p/peer-id";

/** The peer id of a private key. @param seed - 32 bytes */
export function peerIdOfSeed(seed: Uint8Array): PeerId {
  return peerIdFromPublicKey(publicKeyFromRaw(createSigner(seed).publicKey));
}
