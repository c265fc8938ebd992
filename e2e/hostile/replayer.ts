/**
 * Sends everything that was ever signed once more, mixed, oldest first and newest first, by push and by gossip.
 * `node replayer.ts HOST DIAL…`; begins with the line "replay" on its standard input.
 */
import { decodeEnvelope, toHex } from "@ggen/p2p-types";

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
  // Ids are hashes: their order is none.
  const ids = itemsOf(catalog.reconcileIndex()).map(({ id }) => toHex(id));
  const anyOrder = catalog.envelopes(ids.toSorted());
  // What was signed in one second is told apart by its place in its chain.
  const placeOf = (envelope: Uint8Array): number => {
    const { operation } = decodeEnvelope(envelope).signed;
    return operation.time + ("seq" in operation && operation.type !== "revoke" ? operation.seq / 1000 : 0);
  };
  const oldestFirst = anyOrder.toSorted((a, b) => placeOf(a) - placeOf(b));
  let pushed = 0;
  for (const order of [anyOrder, oldestFirst, oldestFirst.toReversed()]) {
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
