import { type ContentProvider, GgenError } from "@ggen/p2p-types";
import { peerIdFromMultihash } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";
import * as Digest from "multiformats/hashes/digest";

import { fieldHead, readFields, varintField } from "./protobuf.ts";

/** Largest Kademlia answer in bytes that is read: twenty peers with sixteen addresses each are a third of it. */
export const maxFindNodeBytes: number = 64 * 1024;
/** Peers and addresses of each that are looked at. */
const maxPeers = 20;
const maxAddresses = 16;
const maxAddressBytes = 512;

/** Message types of Kademlia. */
const findNode = 4;

/**
 * A FIND_NODE request.
 * @param key - a peer id's multihash, at most 64 bytes
 * @see https://github.com/libp2p/specs/blob/master/kad-dht/README.md#rpc-messages
 */
export function encodeFindNode(key: Uint8Array): Uint8Array {
  return Buffer.concat([varintField(1, findNode), fieldHead(2, key.byteLength), key]);
}

/**
 * The peers that a FIND_NODE answer names as closest (`Message.closerPeers`). What cannot be read of one of them is left
 * out.
 * @param message - at most {@link maxFindNodeBytes}
 * @returns at most twenty, each with at least one address
 * @throws GgenError `network.protocol` when it is no protobuf message, or answers something else
 */
export function decodeCloserPeers(message: Uint8Array): readonly ContentProvider[] {
  const peers: ContentProvider[] = [];
  for (const { number, value } of readFields(message)) {
    if (number === 1 && value !== findNode) {
      throw new GgenError("network.protocol", "A peer answered another question of the DHT", {
        expected: "an answer to FIND_NODE (4)",
        got: String(value),
      });
    }
    if (number !== 8 || typeof value === "number" || peers.length === maxPeers) continue;
    const peer = decodePeer(value);
    if (peer !== undefined && peer.addresses.length > 0) peers.push(peer);
  }
  return peers;
}

/** A peer: 1 its id, 2 an address, any number of times. */
function decodePeer(bytes: Uint8Array): ContentProvider | undefined {
  let peerId: string | undefined;
  const addresses: string[] = [];
  for (const { number, value } of readFields(bytes)) {
    if (typeof value === "number") continue;
    if (number === 1) peerId = toPeerId(value);
    else if (number === 2 && addresses.length < maxAddresses) {
      const address = toAddress(value);
      if (address !== undefined) addresses.push(address);
    }
  }
  return peerId === undefined ? undefined : { peerId, addresses };
}

function toPeerId(bytes: Uint8Array): string | undefined {
  try {
    return peerIdFromMultihash(Digest.decode(bytes)).toString();
  } catch {
    return undefined;
  }
}

function toAddress(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength > maxAddressBytes) return undefined;
  try {
    return multiaddr(new Uint8Array(bytes)).toString();
  } catch {
    return undefined;
  }
}
