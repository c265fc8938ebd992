/**
 * Sends everything that was ever signed once more, oldest first and newest first, by push and by gossip.
 * `node replayer.ts HOST DIAL…`; begins with the line "replay" on its standard input.
 */
import { toHex } from "@ggen/p2p-types";

import { listenToTest, noContents, openOwnCatalog, participate, say } from "./participant.ts";
import { itemsOf } from "./shown-index.ts";

const [host = "", ...dial] = process.argv.slice(2);
const told = listenToTest();
const catalog = openOwnCatalog();
const node = await participate({ operations: catalog, contents: noContents, host });
const peers: string[] = [];
for (const address of dial) {
  const peer = await node.dial(address);
  peers.push(peer);
  await node.syncWith(peer);
}
say("ready", { peerId: node.peerId, addresses: node.addresses() });

for (;;) {
  await told("replay");
  const oldestFirst = itemsOf(catalog.reconcileIndex()).flatMap(({ id }) => catalog.envelopes([toHex(id)]));
  let pushed = 0;
  for (const order of [oldestFirst, oldestFirst.toReversed()]) {
    for (const envelope of order) {
      await node.announce(envelope);
      for (const peer of peers) {
        await node.pushOperations(peer, [envelope]);
        pushed += 1;
      }
    }
  }
  say("replayed", { pushed });
}
