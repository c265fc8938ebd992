import {
  createSigner,
  type Manifest,
  type Operation,
  sealOperation,
  type SignedOperation,
  type Signer,
  toHex,
  toPublisherId,
} from "../../src/index.ts";

/** Signers from seeds of one repeated byte. */
export const rotationA: Signer = createSigner(new Uint8Array(32).fill(1));
export const rotationB: Signer = createSigner(new Uint8Array(32).fill(2));
export const signing: Signer = createSigner(new Uint8Array(32).fill(3));

export const hexKey = (signer: Signer): string => toHex(signer.publicKey);

export const manifest: Manifest = {
  title: "Rust CLI",
  description: "Templates for command line programs — ¡olé!",
  license: "MIT",
  category: "rust",
  tags: ["cli", "rust"],
  keywords: ["clap"],
  authors: ["Ann Example <ann@example.org>"],
  homepage: "https://example.org/",
  repository: "https://example.org/git",
  ggenCompat: ">=2.4.0",
  dependencies: { "io.example.base": "^1.0.0", "a/b": "*" },
  requires: ["clap = 4"],
};

/** A manifest of which only what is required is there. */
export const smallManifest: Manifest = {
  title: "x",
  description: "",
  tags: [],
  keywords: [],
  authors: [],
  dependencies: {},
  requires: [],
};

const time = 1_700_000_000;

const genesis = sealOperation(
  { v: 1, type: "genesis", time, keys: [hexKey(rotationA), hexKey(rotationB)], threshold: 2 },
  [rotationA, rotationB],
);
/** The publisher of all fixtures. */
export const publisher: string = toPublisherId(genesis.id);

const authority = { v: 1, time: time + 60, publisher } as const;
const rotators = [rotationB, rotationA];
const grant = sealOperation(
  { ...authority, type: "grant", prev: genesis.id, key: hexKey(signing), label: "laptop" },
  rotators,
);
const domain = sealOperation(
  { ...authority, type: "domain", prev: grant.id, domain: "example.org", claim: true },
  rotators,
);

const chain = { v: 1, time: time + 120, publisher, key: hexKey(signing) } as const;
const release = sealOperation(
  {
    ...chain,
    type: "release",
    seq: 1,
    prev: null,
    id: "io.example.Rust-CLI",
    version: "1.0.0",
    manifest,
    content: {
      cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
      size: 2048,
      sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    },
  },
  [signing],
);
const smallRelease = sealOperation(
  {
    ...chain,
    type: "release",
    seq: 2,
    prev: release.id,
    id: "a",
    version: "0.0.0-alpha.1",
    manifest: smallManifest,
    content: {
      cid: "bafybeif7ztnhq65lumvvtr4ekcwd2ifwgm3awq4zfr3srh462rwyinlb4y",
      size: 2_000_000_000,
      sha256: "ff".repeat(32),
    },
  },
  [signing],
);
const yank = sealOperation(
  { ...chain, type: "yank", seq: 3, prev: smallRelease.id, id: "a", version: "0.0.0-alpha.1", reason: "broken" },
  [signing],
);
const unyank = sealOperation({ ...chain, type: "unyank", seq: 4, prev: yank.id, id: "a", version: "0.0.0-alpha.1" }, [
  signing,
]);
const revoke = sealOperation(
  { ...authority, type: "revoke", prev: domain.id, key: hexKey(signing), seq: 2, head: smallRelease.id },
  rotators,
);
const revokeAll = sealOperation(
  { ...authority, type: "revoke", prev: revoke.id, key: hexKey(rotationA), seq: 0, head: null },
  rotators,
);
const rotate = sealOperation(
  { ...authority, type: "rotate", prev: revokeAll.id, keys: [hexKey(rotationB)], threshold: 1 },
  rotators,
);

/** One of every kind of operation, sealed, with who signed it. */
export const sealed: readonly (readonly [name: string, signed: SignedOperation, signers: readonly string[]])[] = [
  ["genesis of two keys", genesis, ["rotationA", "rotationB"]],
  ["grant", grant, ["rotationA", "rotationB"]],
  ["domain", domain, ["rotationA", "rotationB"]],
  ["release with a whole manifest", release, ["signing"]],
  ["release with the smallest manifest, content of several chunks", smallRelease, ["signing"]],
  ["yank", yank, ["signing"]],
  ["unyank", unyank, ["signing"]],
  ["revoke from a sequence number on", revoke, ["rotationA", "rotationB"]],
  ["revoke of everything", revokeAll, ["rotationA", "rotationB"]],
  ["rotate", rotate, ["rotationA", "rotationB"]],
];

/** The release among {@link sealed}. */
export const sealedRelease: SignedOperation = release;

/** The same operation with some fields changed, for which the type is no help. */
export function changed(operation: Operation, fields: object): Operation {
  return { ...operation, ...fields } as Operation;
}
