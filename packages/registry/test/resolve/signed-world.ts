import { type Catalog, openCatalog } from "@ggen/p2p-catalog";
import {
  type Clock,
  createSigner,
  foundPublisher,
  type Operation,
  type PublisherId,
  sealOperation,
  sha256,
  type SignedOperation,
  type Signer,
  systemClock,
  toHex,
} from "@ggen/p2p-types";
import { expect, onTestFinished } from "vitest";

import { bareManifest } from "../bare-manifest.ts";

const hourMs = 3_600_000;
const time = 1_760_000_000;
const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";
const digestOf = (text: string): Uint8Array => sha256(new TextEncoder().encode(text));

/** A clock that stands still, some hours after an arbitrary start. */
export function clockAt(hours: number): Clock {
  return { ...systemClock, now: () => 1_760_000_000_000 + hours * hourMs, monotonic: () => hours * hourMs };
}

/** A publisher with one rotation key and one signing key, always the same for the same name. */
export class TestPublisher {
  readonly publisher: PublisherId;
  readonly operations: SignedOperation[];
  readonly #rotation: Signer;
  readonly #signing: Signer;
  #releases: SignedOperation[] = [];
  #head: string;

  constructor(name: string) {
    this.#rotation = createSigner(digestOf(`rotation ${name}`));
    this.#signing = createSigner(digestOf(`signing ${name}`));
    const { publisher, genesis, grant } = foundPublisher([this.#rotation], time);
    const granted = grant(this.#key, "");
    this.publisher = publisher;
    this.#head = granted.id;
    this.operations = [genesis, granted];
  }

  get #key(): string {
    return toHex(this.#signing.publicKey);
  }

  #chain(
    what:
      | Pick<Extract<Operation, { type: "release" }>, "type" | "id" | "version" | "manifest" | "content">
      | Pick<Extract<Operation, { type: "yank" }>, "type" | "id" | "version" | "reason">,
  ): SignedOperation {
    const link = { key: this.#key, seq: this.#releases.length + 1, prev: this.#releases.at(-1)?.id ?? null };
    const signed = sealOperation({ v: 1, time, publisher: this.publisher, ...link, ...what }, [this.#signing]);
    this.#releases.push(signed);
    this.operations.push(signed);
    return signed;
  }

  /** Claims a domain. @returns itself */
  claim(domain: string): this {
    const operation: Operation = {
      v: 1,
      time,
      publisher: this.publisher,
      prev: this.#head,
      type: "domain",
      domain,
      claim: true,
    };
    const signed = sealOperation(operation, [this.#rotation]);
    this.#head = signed.id;
    this.operations.push(signed);
    return this;
  }

  /** Releases a package. */
  release(id = "com.example.tool", version = "1.0.0"): SignedOperation {
    const content = { cid, size: 1024, sha256: toHex(digestOf(`${id}@${version}`)) };
    return this.#chain({ type: "release", id, version, manifest: bareManifest, content });
  }

  /** Withdraws a version. */
  yank(id: string, version: string): void {
    this.#chain({ type: "yank", id, version, reason: "" });
  }
}

/** A catalogue in memory with everything that some publishers signed, closed when the test ends. */
export async function catalogOf(publishers: readonly TestPublisher[], clock: Clock = clockAt(0)): Promise<Catalog> {
  const catalog = openCatalog({ path: ":memory:", clock });
  onTestFinished(() => catalog.close());
  const envelopes = publishers.flatMap(({ operations }) => operations.map(({ envelope }) => envelope));
  expect((await catalog.accept(envelopes, { via: "sync", peer: "test" })).rejected).toEqual([]);
  return catalog;
}
