import type { Catalog } from "@ggen/p2p-catalog";
import { compareVersions } from "@ggen/p2p-gpack";
import { fromHex, type OperationId, type Package, type PublisherId, toHex } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import type { MirrorCopy, MirrorQuota } from "./policy.ts";
import type { Standings } from "./standings.ts";

/** What begins the pin of a copy; the release's id follows, so that a copy says for itself what it is of. */
const pinPrefix = "mirror:";

/** A copy that is kept. */
interface Shelved {
  readonly operation: OperationId;
  readonly bytes: number;
  /** Undefined when its release is not in force any more. */
  readonly packageId?: string;
  readonly publisher?: PublisherId;
}

/** What a shelf needs. */
export type ShelfParts = Pick<Parts, "contents" | "holders"> & { readonly catalog: Pick<Catalog, "release" | "entry"> };

/** The copies that are kept for others: contents with a pin of their own, so that no other eviction takes them. */
export class Shelf {
  readonly #parts: ShelfParts;
  readonly #standings: Standings;
  readonly #copies = new Map<string, Shelved>();
  readonly #perPublisher = new Map<PublisherId, number>();
  #bytes = 0;

  constructor(parts: ShelfParts, standings: Standings) {
    this.#parts = parts;
    this.#standings = standings;
    for (const { content, pins } of parts.contents.contents()) {
      const pin = pins.find((reason) => reason.startsWith(pinPrefix));
      if (pin !== undefined) this.#put(content.cid, operationOf(pin), content.size);
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#copies.size;
  }

  /** CIDs of all copies. */
  cids(): string[] {
    return [...this.#copies.keys()];
  }

  has(cid: string): boolean {
    return this.#copies.has(cid);
  }

  /** The release that a copy was taken for. */
  releaseOf(cid: string): Package | undefined {
    const copy = this.#copies.get(cid);
    return copy === undefined ? undefined : this.#parts.catalog.release(copy.operation);
  }

  /** Every copy as the policy sees it. */
  copies(): MirrorCopy[] {
    const ages = new Map<string, readonly OperationId[]>();
    return [...this.#copies].map(([cid, { operation, bytes, packageId, publisher }]) => {
      if (packageId === undefined || publisher === undefined) {
        return { cid, bytes, packageId: "", publisher: "", known: false, behind: Number.MAX_SAFE_INTEGER, holders: 0 };
      }
      const name = `${publisher}/${packageId}`;
      const newestFirst = ages.get(name) ?? this.#newestFirst(packageId, publisher);
      ages.set(name, newestFirst);
      return this.#describe({ cid, bytes, packageId, publisher, behind: newestFirst.indexOf(operation) });
    });
  }

  /** Whether a copy fits without any other going for it: what `decideCopy` would find, without looking at every copy. */
  hasRoom({ publisher, known, bytes }: MirrorCopy, quota: MirrorQuota): boolean {
    const own = this.#perPublisher.get(publisher) ?? 0;
    return this.#bytes + bytes <= quota.maxBytes && (known || own + bytes <= quota.strangerBytes);
  }

  /** A release that may become a copy, as the policy sees it. */
  candidate({ cid, size, id, publisher, operation }: Package): MirrorCopy {
    const packageId = id.toLowerCase();
    const behind = this.#newestFirst(packageId, publisher).indexOf(operation);
    return this.#describe({ cid, bytes: size, packageId, publisher, behind });
  }

  /** Keeps a complete content as a copy. Durable when it resolves. */
  async keep({ cid, size, operation }: Package): Promise<void> {
    await this.#parts.contents.pin(cid, pinOf(operation));
    if (!this.#copies.has(cid)) this.#put(cid, operation, size);
  }

  /** Gives a copy up; its bytes go unless something else keeps them. */
  async drop(cid: string): Promise<void> {
    const copy = this.#copies.get(cid);
    if (copy === undefined) return;
    await this.#parts.contents.unpin(cid, pinOf(copy.operation));
    this.#copies.delete(cid);
    this.#count(copy.publisher, -copy.bytes);
    await this.#parts.contents.drop(cid);
  }

  #put(cid: string, operation: OperationId, bytes: number): void {
    const release = this.#parts.catalog.release(operation);
    this.#copies.set(cid, {
      operation,
      bytes,
      ...(release === undefined ? {} : { packageId: release.id.toLowerCase(), publisher: release.publisher }),
    });
    this.#count(release?.publisher, bytes);
  }

  #count(publisher: PublisherId | undefined, bytes: number): void {
    this.#bytes += bytes;
    if (publisher === undefined) return;
    const sum = (this.#perPublisher.get(publisher) ?? 0) + bytes;
    if (sum > 0) this.#perPublisher.set(publisher, sum);
    else this.#perPublisher.delete(publisher);
  }

  #newestFirst(packageId: string, publisher: PublisherId): readonly OperationId[] {
    const claimant = this.#parts.catalog.entry(packageId)?.claimants.find((other) => other.publisher === publisher);
    return (claimant?.releases ?? [])
      .toSorted((a, b) => compareVersions(b.version, a.version))
      .map(({ operation }) => operation);
  }

  #describe(copy: Omit<MirrorCopy, "known" | "holders">): MirrorCopy {
    const { trusted, followed } = this.#standings.of(copy.publisher);
    return {
      ...copy,
      behind: Math.max(0, copy.behind),
      known: trusted || followed,
      holders: this.#parts.holders.of(copy.cid).length,
    };
  }
}

function pinOf(operation: OperationId): string {
  return pinPrefix + Buffer.from(fromHex(operation)).toString("base64url");
}

function operationOf(pin: string): OperationId {
  return toHex(Buffer.from(pin.slice(pinPrefix.length), "base64url"));
}
