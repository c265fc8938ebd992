import { createSigner, foundPublisher, type Operation, sealOperation, sha256, toHex } from "@ggen/p2p-types";

const time = 1_760_000_000;
// A CIDv1 (raw, sha2-256); which one does not matter to a catalogue.
const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

/**
 * Publishers with fresh keys, each a genesis, a grant and one release of about 1 kB.
 * @param name - a word in what they release
 */
export function freshPublishers(name: string, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, place) => publisher(name, place)).flat();
}

function publisher(name: string, place: number): readonly Uint8Array[] {
  const [rotation, signing] = ["rotation", "signing"].map((use) =>
    createSigner(sha256(new TextEncoder().encode(`bench ${use} ${name} ${place}`))),
  );
  if (rotation === undefined || signing === undefined) return [];
  const { publisher: owner, genesis, grant } = foundPublisher([rotation], time);
  const key = toHex(signing.publicKey);
  const release: Operation = {
    v: 1,
    type: "release",
    time,
    publisher: owner,
    key,
    seq: 1,
    prev: null,
    id: `io.example.${name}-${place}`,
    version: "1.0.0",
    manifest: {
      title: `Small and useful, ${name}`,
      description: `${name}: a package among many. ${"It says little at length. ".repeat(20)}`,
      tags: ["small"],
      keywords: [],
      authors: [],
      dependencies: {},
      requires: [],
    },
    content: { cid, size: 1024, sha256: toHex(sha256(new TextEncoder().encode(`${name} ${place}`))) },
  };
  return [genesis.envelope, grant(key, "laptop").envelope, sealOperation(release, [signing]).envelope];
}
