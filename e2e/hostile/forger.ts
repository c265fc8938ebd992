/**
 * Forges operations of an honest publisher and tries every road by which operations travel.
 * `node forger.ts VICTIM_ADDRESS PACKAGE_ID`; goes from step to step on lines of its standard input.
 */
import {
  createSigner,
  decodeEnvelope,
  encodeOperation,
  foundPublisher,
  type OperationStore,
  openEnvelope,
  type ReleaseOperation,
  sealOperation,
  sha256,
  type SignedOperation,
  type Signer,
  systemRandom,
  toHex,
} from "@ggen/p2p-types";
import { decode, encode } from "@ipld/dag-cbor";

import { listenToTest, noContents, openOwnCatalog, participate, say } from "./participant.ts";
import { indexOf, itemsOf } from "./shown-index.ts";

const [victimAddress = "", packageId = ""] = process.argv.slice(2);
const told = listenToTest();

const catalog = openOwnCatalog();
/** What the forger pretends to hold beside its catalogue: name → envelope. */
const pretended = new Map<string, Uint8Array>();
const lying: OperationStore = {
  has: (id) => pretended.has(id) || catalog.has(id),
  envelopes: (ids) => ids.flatMap((id) => pretended.get(id) ?? catalog.envelopes([id])),
  idsOf: (selector, limit) => [...pretended.keys(), ...catalog.idsOf(selector, limit)].slice(0, limit),
  accept: (envelopes, origin) => catalog.accept(envelopes, origin),
  // Before all others in time, and as many as are pretended, so that every comparison comes upon them.
  reconcileIndex: () => {
    const ids = [...pretended.keys()].toSorted().map((id) => new Uint8Array(Buffer.from(id, "hex")));
    return indexOf([...ids.map((id) => ({ time: 1_700_000_000, id })), ...itemsOf(catalog.reconcileIndex())]);
  },
  fingerprint: () => catalog.fingerprint(),
};

const node = await participate({ operations: lying, contents: noContents });
const victim = await node.dial(victimAddress);
await node.syncWith(victim);

// A publisher of the forger's own, rightly made: its keys are valid, only not for what they sign below.
const rotation = createSigner(systemRandom.bytes(32));
const signing = createSigner(systemRandom.bytes(32));
const time = Math.floor(Date.now() / 1000);
const own = foundPublisher([rotation], time);
const key = toHex(signing.publicKey);
await node.pushOperations(victim, [own.genesis.envelope, own.grant(key, "own").envelope]);
say("introduced", { peerId: node.peerId, addresses: node.addresses() });
await told("forge");

const real = catalog
  .envelopes(catalog.idsOf({ package: packageId }, 100))
  .map((envelope) => openEnvelope(envelope))
  .findLast((signed) => signed.operation.type === "release") as SignedOperation & { operation: ReleaseOperation };
const head = catalog.publisherState(real.operation.publisher)?.authorityHead ?? "";
const next: ReleaseOperation = {
  ...real.operation,
  version: "6.6.6",
  seq: real.operation.seq + 1,
  prev: real.id,
  manifest: { ...real.operation.manifest, description: "forged" },
};

/** An envelope whose signature is by one key and names another. */
function sealAs(operation: ReleaseOperation, named: string, signer: Signer): Uint8Array {
  const op = encodeOperation(operation);
  const sig = signer.sign(Buffer.concat([Buffer.from("ggen/op/v1\0"), op]));
  return encode({ op, sigs: [{ key: Buffer.from(named, "hex"), sig }] });
}

function flipped(at: number, bit: number): Uint8Array {
  const bytes = Uint8Array.from(real.envelope);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
  return bytes;
}

const forgeries: readonly Uint8Array[] = [
  sealAs(next, next.key, signing),
  sealAs(next, key, signing),
  sealAs(real.operation, key, signing),
  sealOperation({ ...next, key, seq: 1, prev: null }, [signing]).envelope,
  sealOperation({ ...next, key: toHex(rotation.publicKey), seq: 1, prev: null }, [rotation]).envelope,
  sealOperation(
    {
      v: 1,
      type: "yank",
      time,
      publisher: next.publisher,
      key,
      seq: 1,
      prev: null,
      id: next.id,
      version: real.operation.version,
      reason: "forged",
    },
    [signing],
  ).envelope,
  sealOperation({ v: 1, type: "grant", time, publisher: next.publisher, prev: head, key, label: "forged" }, [rotation])
    .envelope,
  // One bit of every seventh byte: of the manifest, the content's address, the keys, the signature.
  ...Array.from({ length: Math.floor(real.envelope.byteLength / 7) }, (_, n) => flipped(n * 7, n % 8)),
];
/** Under what name a forgery is offered in a comparison: the operation's id where there is one. */
function nameOf(envelope: Uint8Array): string {
  try {
    return decodeEnvelope(envelope).signed.id;
  } catch {
    return toHex(sha256(encode(decodable(envelope))));
  }
}
function decodable(envelope: Uint8Array): unknown {
  try {
    return decode(envelope);
  } catch {
    return Uint8Array.from(envelope);
  }
}

let recipients = 0;
for (const envelope of forgeries) recipients += await node.announce(envelope);
say("gossiped", { forgeries: forgeries.length, recipients });

const put = { accepted: 0, known: 0, deferred: 0, rejected: 0 };
for (const envelope of forgeries) {
  const answer = await node.pushOperations(victim, [envelope]);
  for (const name of ["accepted", "known", "deferred", "rejected"] as const) put[name] += answer[name];
}
say("pushed", put);

for (const envelope of forgeries) pretended.set(nameOf(envelope), envelope);
const sync = await node.syncWith(victim).then(
  (report) => ({ sent: report.sent }),
  (error: unknown) => ({ error: String(error) }),
);
say("reconciled", sync);
