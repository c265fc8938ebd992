import { packFiles } from "@ggen/p2p-gpack";
import {
  blockCid,
  type ContentAddress,
  type ContentStore,
  type Manifest,
  rawCodec,
  sha256,
  toHex,
} from "@ggen/p2p-types";

import { noContents } from "./participant.ts";

/** A content of one chunk with its bytes. */
export interface OwnContent {
  readonly address: ContentAddress;
  readonly bytes: Uint8Array;
}

/** What a release says that says no more than it must. */
export const plainManifest: Manifest = {
  title: "A package",
  description: "",
  tags: [],
  keywords: [],
  authors: [],
  dependencies: {},
  requires: [],
};

/** The address that bytes of at most one chunk have. */
export function addressOf(bytes: Uint8Array): ContentAddress {
  const address = { cid: blockCid(rawCodec, bytes).toString(), size: bytes.byteLength };
  return { ...address, sha256: toHex(sha256(bytes)) };
}

/** A package in canonical form, as its author would make it. @param text - what its one file beside the manifest says */
export async function packageOf(id: string, version: string, text: string): Promise<OwnContent> {
  const manifest = `[gpack]\nid = "${id}"\nname = "A package"\nversion = "${version}"\ndescription = "A package"\n`;
  const archive = packFiles({ "gpack.toml": manifest, "payload.txt": text }, { maxBytes: 1 << 20 });
  const pieces: Uint8Array[] = [];
  for await (const piece of archive.read()) pieces.push(piece);
  const bytes = new Uint8Array(Buffer.concat(pieces));
  return { address: addressOf(bytes), bytes };
}

/** A content store that holds these, and gives `instead` where it is given. @param contents - may grow later */
export function serving(contents: readonly OwnContent[], instead?: Uint8Array): ContentStore {
  const find = (cid: string): OwnContent | undefined => contents.find(({ address }) => address.cid === cid);
  return {
    ...noContents,
    stat(cid) {
      const found = find(cid);
      return found && { content: found.address, complete: true, chunks: 1, present: 1, pins: [] };
    },
    haveMap: (cid) => (find(cid) === undefined ? undefined : Uint8Array.of(1)),
    readBlock: (cid) => Promise.resolve(find(cid) === undefined ? undefined : (instead ?? find(cid)?.bytes)),
  };
}
