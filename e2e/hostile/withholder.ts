/**
 * A peer that shows only a part of what it knows. `node withholder.ts HOST MODE DIAL…`
 * - `freeze`: after the line "freeze" on its standard input nothing new is shown, whatever it is given
 * - `hide-yanks`: shows everything but withdrawals
 */
import { openEnvelope, type OperationStore, toHex } from "@ggen/p2p-types";

import { listenToTest, noContents, openOwnCatalog, participate, say } from "./participant.ts";
import { indexOf, itemsOf } from "./shown-index.ts";

const [host = "", mode = "", ...dial] = process.argv.slice(2);
const told = listenToTest();
const catalog = openOwnCatalog();
let frozen: ReadonlySet<string> | undefined;

const isShown = (id: string): boolean => {
  if (frozen !== undefined) return frozen.has(id);
  const [envelope] = catalog.envelopes([id]);
  return mode !== "hide-yanks" || (envelope !== undefined && openEnvelope(envelope).operation.type !== "yank");
};
const shownIds = (): string[] => itemsOf(catalog.reconcileIndex()).map(({ id }) => toHex(id));
const withholding: OperationStore = {
  has: (id) => catalog.has(id),
  envelopes: (ids) => catalog.envelopes(ids.filter(isShown)),
  idsOf: (selector, limit) => catalog.idsOf(selector, 10_000).filter(isShown).slice(0, limit),
  accept: (envelopes, origin) => catalog.accept(envelopes, origin),
  reconcileIndex: () => indexOf(itemsOf(catalog.reconcileIndex()).filter(({ id }) => isShown(toHex(id)))),
  fingerprint: () => catalog.fingerprint(),
};

const node = await participate({ operations: withholding, contents: noContents, host });
for (const address of dial) await node.syncWith(await node.dial(address));
say("ready", { peerId: node.peerId, addresses: node.addresses(), operations: shownIds().length });
if (mode === "freeze") {
  await told("freeze");
  frozen = new Set(shownIds());
  say("frozen", { operations: frozen.size });
}
