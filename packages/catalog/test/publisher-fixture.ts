import {
  createSigner,
  type Manifest,
  type Operation,
  type OperationId,
  type PublisherId,
  sealOperation,
  type SignedOperation,
  type Signer,
  sha256,
  toHex,
  toPublisherId,
} from "@ggen/p2p-types";

/** Some whole second. */
export const start = 1_760_000_000;

/** A key that is the same for the same name. */
export function keyOf(name: string): Signer & { readonly key: string } {
  const signer = createSigner(sha256(new TextEncoder().encode(`key ${name}`)));
  return { ...signer, key: toHex(signer.publicKey) };
}

/** A manifest with a title and what is given. */
export function manifestOf(given: Partial<Manifest> = {}): Manifest {
  return {
    title: "A package",
    description: "",
    tags: [],
    keywords: [],
    authors: [],
    dependencies: {},
    requires: [],
    ...given,
  };
}

/** What a release may say here. */
export interface ReleaseInit {
  readonly id?: string;
  readonly version?: string;
  /** Other content for another text. */
  readonly content?: string;
  readonly manifest?: Partial<Manifest>;
  readonly time?: number;
}

// A CIDv1 (raw, sha2-256); which one does not matter to the catalogue.
const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

/** A publisher whose operations are made one after another. */
export class TestPublisher {
  readonly rotation: readonly Signer[];
  readonly genesis: SignedOperation;
  readonly publisher: PublisherId;
  readonly operations: SignedOperation[];
  authorityHead: OperationId;
  readonly heads = new Map<string, { seq: number; id: OperationId }>();

  /** @param name - gives its keys; the first of `rotationKeys` ranks highest */
  constructor(name: string, { rotationKeys = 1, threshold = 1 } = {}) {
    const keys = Array.from({ length: rotationKeys }, (_, place) => keyOf(`${name} rotation ${place}`));
    this.rotation = keys;
    this.genesis = sealOperation(
      { v: 1, type: "genesis", time: start, keys: keys.map(({ key }) => key), threshold },
      keys.slice(0, threshold),
    );
    this.publisher = toPublisherId(this.genesis.id);
    this.authorityHead = this.genesis.id;
    this.operations = [this.genesis];
  }

  #append(signed: SignedOperation): SignedOperation {
    this.operations.push(signed);
    return signed;
  }

  /** An authority operation on the head, or on another parent. */
  authority(
    what: Record<string, unknown> & { readonly type: "grant" | "revoke" | "rotate" | "domain" },
    options: { readonly signers?: readonly Signer[]; readonly prev?: OperationId; readonly time?: number } = {},
  ): SignedOperation {
    const { signers = this.rotation.slice(0, 1), prev = this.authorityHead, time = start } = options;
    const operation = { v: 1, time, publisher: this.publisher, prev, ...what } as unknown as Operation;
    const signed = this.#append(sealOperation(operation, signers));
    this.authorityHead = signed.id;
    return signed;
  }

  grant(name: string, options = {}): SignedOperation {
    return this.authority({ type: "grant", key: keyOf(name).key, label: name }, options);
  }

  /** Ends a key at its head, or at a given operation. */
  revoke(
    name: string,
    head: { seq: number; id: OperationId } | null = this.heads.get(name) ?? null,
    options = {},
  ): SignedOperation {
    return this.authority(
      { type: "revoke", key: keyOf(name).key, seq: head?.seq ?? 0, head: head?.id ?? null },
      options,
    );
  }

  /** An operation at the end of a key's chain, or after another operation. */
  chain(
    name: string,
    what: Record<string, unknown> & { readonly type: "release" | "yank" | "unyank" },
    after: { seq: number; id: OperationId } | null = this.heads.get(name) ?? null,
    signer: Signer = keyOf(name),
  ): SignedOperation {
    const operation = {
      v: 1,
      time: start,
      publisher: this.publisher,
      key: keyOf(name).key,
      seq: (after?.seq ?? 0) + 1,
      prev: after?.id ?? null,
      ...what,
    } as unknown as Operation;
    const signed = this.#append(sealOperation(operation, [signer]));
    this.heads.set(name, { seq: (after?.seq ?? 0) + 1, id: signed.id });
    return signed;
  }

  release(name: string, init: ReleaseInit = {}, after?: { seq: number; id: OperationId } | null): SignedOperation {
    const { id = "io.example.demo", version = "1.0.0", content = `${id}@${version}`, manifest, time = start } = init;
    return this.chain(
      name,
      {
        type: "release",
        time,
        id,
        version,
        manifest: manifestOf(manifest),
        content: { cid, size: 1024, sha256: toHex(sha256(new TextEncoder().encode(content))) },
      },
      after,
    );
  }
}

/** A publisher with one granted key, `laptop`. */
export function publisherWithKey(name: string): TestPublisher {
  const publisher = new TestPublisher(name);
  publisher.grant("laptop");
  return publisher;
}
