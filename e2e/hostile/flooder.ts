/**
 * Floods a node with rightly made records of publishers that nobody knows. `node flooder.ts HOST VICTIM_ADDRESS COUNT`:
 * makes COUNT keys, each with a genesis, a grant and a release, and brings them on every road: by gossip, by pushing, and
 * by showing them in comparisons. Says `ready`, `pushed` with what became of them, and goes on to offer them.
 */
import { createReconcileIndex } from "@ggen/p2p-catalog";
import {
  createSigner,
  foundPublisher,
  fromHex,
  type Operation,
  type OperationStore,
  sealOperation,
  type SignedOperation,
  systemRandom,
  toHex,
} from "@ggen/p2p-types";

import { addressOf, plainManifest } from "./own-content.ts";
import { noContents, openOwnCatalog, participate, say } from "./participant.ts";

const [host = "", victimAddress = "", count = "0"] = process.argv.slice(2);
const perPush = 256;
/** Of every so many publishers one is told by gossip. */
const gossipedOf = 20;

const content = addressOf(systemRandom.bytes(1024));

/** A publisher with one release of about 2.5 kB. */
function stranger(place: number): readonly SignedOperation[] {
  const [rotation, signing] = [createSigner(systemRandom.bytes(32)), createSigner(systemRandom.bytes(32))];
  const time = Math.floor(Date.now() / 1000);
  const { publisher, genesis, grant } = foundPublisher([rotation], time);
  const key = toHex(signing.publicKey);
  const release: Operation = {
    v: 1,
    type: "release",
    time,
    publisher,
    key,
    seq: 1,
    prev: null,
    id: `io.spam.flood-${place}`,
    version: "1.0.0",
    // Nothing that a database could make shorter.
    manifest: {
      ...plainManifest,
      description: Array.from({ length: 32 }, () => toHex(systemRandom.bytes(30))).join(" "),
    },
    content,
  };
  return [genesis, grant(key, "own"), sealOperation(release, [signing])];
}

const flood = Array.from({ length: Number(count) }, (_, place) => stranger(place)).flat();
const shown = new Map(flood.map((signed) => [signed.id, signed]));
const index = createReconcileIndex();
for (const { id, operation } of flood) index.insert(operation.time, fromHex(id));
const flooding: OperationStore = {
  ...openOwnCatalog(),
  has: (id) => shown.has(id),
  envelopes: (ids) => ids.flatMap((id) => shown.get(id)?.envelope ?? []),
  reconcileIndex: () => index,
};

const node = await participate({ operations: flooding, contents: noContents, host });
const victim = await node.dial(victimAddress);
say("ready", { peerId: node.peerId, addresses: node.addresses() });

const sum = { accepted: 0, known: 0, deferred: 0, rejected: 0 };
for (let from = 0; from < flood.length; from += perPush) {
  const batch = flood.slice(from, from + perPush);
  const answer = await node.pushOperations(
    victim,
    batch.map(({ envelope }) => envelope),
  );
  for (const name of ["accepted", "known", "deferred", "rejected"] as const) sum[name] += answer[name];
}
for (let place = 0; place < flood.length; place += 3 * gossipedOf) {
  for (const { envelope } of flood.slice(place, place + 3)) await node.announce(envelope);
}
say("pushed", { operations: flood.length, ...sum });
