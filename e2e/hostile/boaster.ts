/**
 * A peer that boasts: asked for a copy of anything it says that it holds it, and cannot prove it.
 * `node boaster.ts VICTIM_ADDRESS`
 */
import type { ContentStore } from "@ggen/p2p-types";

import { noContents, openOwnCatalog, participate, say } from "./participant.ts";

const [victim = ""] = process.argv.slice(2);

const contents: ContentStore = {
  ...noContents,
  // Bytes of its own, in the hope that nobody compares.
  readBlock: () => Promise.resolve(new Uint8Array(100)),
};
const node = await participate({
  operations: openOwnCatalog(),
  contents,
  onCopyAsked(operation) {
    say("asked", { operation });
    return "held";
  },
});
await node.dial(victim);
say("ready", { peerId: node.peerId });
