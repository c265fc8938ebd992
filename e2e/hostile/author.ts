/**
 * Releases what it may not release, to whom it likes. `node author.ts PLAN`, a JSON object ({@link Plan}). Goes on with
 * every line "release" on its standard input, to the next list of releases.
 */
import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";

import {
  createSigner,
  encodeOperation,
  foundPublisher,
  fromHex,
  openEnvelope,
  type PublisherId,
  type ReleaseOperation,
  sealOperation,
  type Signer,
  systemRandom,
  toHex,
} from "@ggen/p2p-types";
import { encode } from "@ipld/dag-cbor";

import { type OwnContent, packageOf, plainManifest, serving } from "./own-content.ts";
import { listenToTest, openOwnCatalog, participate, say } from "./participant.ts";

/** One release, and where in its key's chain it stands. */
export interface PlannedRelease {
  readonly id: string;
  readonly version: string;
  /** What the package says. */
  readonly text: string;
  /** Author's time in seconds since 1970; now, or the parent's where that is later. */
  readonly time?: number;
  /** Its number in the chain: the next one when absent. */
  readonly seq?: number;
}

/** What an author does. */
export interface Plan {
  /** 127.x.y.z */
  readonly host: string;
  readonly dial: readonly string[];
  /**
   * `own`: a publisher of its own, rightly made. `forged`: in the name of the key that signed the newest release of
   * `victim`, with a signature by another. `stolen`: with that key, from `keyFile`.
   */
  readonly as: "own" | "forged" | "stolen";
  readonly victim?: string;
  readonly keyFile?: string;
  /** One list for each line "release". */
  readonly releases: readonly (readonly PlannedRelease[])[];
}

const plan = JSON.parse(process.argv[2] ?? "") as Plan;
const told = listenToTest();
const catalog = openOwnCatalog();
const contents: OwnContent[] = [];
const node = await participate({ operations: catalog, contents: serving(contents), host: plan.host });
const peers: string[] = [];
for (const address of plan.dial) {
  const peer = await node.dial(address);
  peers.push(peer);
  await node.syncWith(peer);
}

const local = { via: "local" } as const;
const sum = { accepted: 0, known: 0, deferred: 0, rejected: 0 };
const spread = async (envelopes: readonly Uint8Array[]): Promise<void> => {
  for (const envelope of envelopes) await node.announce(envelope);
  for (const peer of peers) {
    const answer = await node.pushOperations(peer, envelopes);
    for (const name of ["accepted", "known", "deferred", "rejected"] as const) sum[name] += answer[name];
  }
};

interface Identity {
  readonly publisher: PublisherId;
  readonly key: string;
  readonly seal: (operation: ReleaseOperation) => Uint8Array;
}

async function ownPublisher(): Promise<Identity> {
  const [rotation, signing] = [createSigner(systemRandom.bytes(32)), createSigner(systemRandom.bytes(32))];
  const { publisher, genesis, grant } = foundPublisher([rotation], Math.floor(Date.now() / 1000));
  const key = toHex(signing.publicKey);
  const envelopes = [genesis.envelope, grant(key, "own").envelope];
  await catalog.accept(envelopes, local);
  await spread(envelopes);
  return { publisher, key, seal: (operation) => sealOperation(operation, [signing]).envelope };
}

/** The publisher and the key of the newest release of the victim's package. */
function victimIdentity(): { readonly publisher: PublisherId; readonly key: string } {
  const newest = catalog
    .envelopes(catalog.idsOf({ package: plan.victim ?? "" }, 100))
    .map((envelope) => openEnvelope(envelope).operation)
    .findLast((operation) => operation.type === "release");
  if (newest === undefined) throw new Error(`${plan.victim} is not known`);
  return { publisher: newest.publisher, key: newest.key };
}

/** An envelope whose signature is by one key and names another. */
function sealAs(operation: ReleaseOperation, named: string, signer: Signer): Uint8Array {
  const op = encodeOperation(operation);
  const sig = signer.sign(Buffer.concat([Buffer.from("ggen/op/v1\0"), op]));
  return encode({ op, sigs: [{ key: fromHex(named), sig }] });
}

function identity(): Promise<Identity> | Identity {
  if (plan.as === "own") return ownPublisher();
  const { publisher, key } = victimIdentity();
  if (plan.as === "forged") {
    const other = createSigner(systemRandom.bytes(32));
    return { publisher, key, seal: (operation) => sealAs(operation, key, other) };
  }
  const pem = /-----BEGIN[\s\S]+-----END PRIVATE KEY-----/.exec(readFileSync(plan.keyFile ?? "", "utf8"))?.[0] ?? "";
  const der = createPrivateKey(pem).export({ format: "der", type: "pkcs8" });
  const signer = createSigner(new Uint8Array(der.subarray(-32)));
  return { publisher, key: toHex(signer.publicKey), seal: (operation) => sealOperation(operation, [signer]).envelope };
}

/** The chain of the key as far as it is known: id and time by number. */
const chain = new Map<number, { readonly id: string; readonly time: number }>();
const self = await identity();
for (const envelope of catalog.envelopes(catalog.idsOf({ publisher: self.publisher }, 1000))) {
  const { id, operation } = openEnvelope(envelope);
  if ("seq" in operation && operation.key === self.key) chain.set(operation.seq, { id, time: operation.time });
}
say("introduced", { peerId: node.peerId, addresses: node.addresses(), publisher: self.publisher, chain: chain.size });

for (const releases of plan.releases) {
  await told("release");
  const envelopes: Uint8Array[] = [];
  for (const { id, version, text, time, seq = chain.size + 1 } of releases) {
    // With numbers left out, the parent is the last one.
    const parent = seq === 1 ? undefined : (chain.get(seq - 1) ?? chain.get(chain.size));
    const content = await packageOf(id, version, text);
    contents.push(content);
    const now = Math.max(Math.floor(Date.now() / 1000), parent?.time ?? 0);
    const operation: ReleaseOperation = {
      v: 1,
      type: "release",
      time: time ?? now,
      publisher: self.publisher,
      key: self.key,
      seq,
      prev: parent?.id ?? null,
      id,
      version,
      manifest: plainManifest,
      content: content.address,
    };
    const envelope = self.seal(operation);
    if (plan.as !== "forged") chain.set(seq, { id: openEnvelope(envelope).id, time: operation.time });
    envelopes.push(envelope);
  }
  await spread(envelopes);
  say("released", sum);
}
