import { type CallOptions, isGgenError, type Package, type PackageInfo } from "@ggen/p2p-types";

import { severalPeers } from "../light/survey.ts";
import type { OpenParts } from "../open-parts.ts";
import { releasesOf } from "../publish/publisher-identity.ts";
import { installedIn, type LookAlikeBook } from "../resolve/look-alike-book.ts";
import { readRef } from "../resolve/read-ref.ts";
import { packageInfo } from "./info.ts";
import { askProviders, newestPackage } from "./lookup.ts";

/** How long a question waits for a first sync that is under way. */
const maxSyncWaitMs = 15_000;
/** How many providers are asked at once about an id that is not known here. */
export const defaultFanOut = 3;

/** Reads what is known of one id, after making sure that it is known: from a first sync, full nodes, or the DHT. */
export class PackageReader {
  readonly #parts: OpenParts;
  readonly #lookAlikes: LookAlikeBook;

  constructor(parts: OpenParts, lookAlikes: LookAlikeBook) {
    this.#parts = parts;
    this.#lookAlikes = lookAlikes;
  }

  /** Waits for a first sync that is under way; then brings the records of a still unknown id from the DHT. */
  async lookup(id: string, signal?: AbortSignal): Promise<void> {
    const network = this.#parts.network();
    if (network === undefined || network.connectedPeers().length === 0) return;
    const { light } = this.#parts;
    if (light === undefined) await this.#parts.firstSync(maxSyncWaitMs, signal);
    else await light.lookup(id, signal);
    // A whole catalogue that was compared with a peer knows; asking the DHT too would only cost its user a walk.
    const isKnown = light === undefined ? this.#parts.synced() : light.about(id).answered.length >= severalPeers;
    if (isKnown || this.#parts.catalog.entry(id) !== undefined) return;
    try {
      await askProviders(this.#parts, id, defaultFanOut, signal);
    } catch (error) {
      if (!isGgenError(error, "dht.lookup-timeout")) throw error;
    }
  }

  /** The newest version. @throws GgenError `registry.incomplete`, `package.ambiguous`, `package.yanked` */
  async newest(id: string, { signal }: CallOptions): Promise<Package | undefined> {
    await this.lookup(id, signal);
    return this.known(() => newestPackage(this.#parts, id, signal));
  }

  /** Every version, ascending. @throws GgenError as {@link newest} */
  async releases(id: string, { signal }: CallOptions): Promise<readonly Package[]> {
    await this.lookup(id, signal);
    const info = await this.known(() => packageInfo(this.#parts, id, signal));
    const publisher = info?.package?.publisher;
    return publisher === undefined ? [] : releasesOf(this.#parts.catalog, id, publisher);
  }

  /** What a reference means, with what should be said of it. @throws GgenError `ref.invalid`, `package.*` */
  async info(ref: string, { signal }: CallOptions): Promise<PackageInfo> {
    await this.lookup(readRef(ref).id, signal);
    const info = await packageInfo(this.#parts, ref, signal);
    const installed = await installedIn(this.#parts.layout.packagesDirectory);
    const found = info.package === undefined ? [] : [info.package];
    const { asked, warnings: ofLight } = this.askedAbout([info.id]);
    const warnings = [...ofLight, ...this.#lookAlikes.warnings(found, installed)];
    return { ...info, ...(asked === undefined ? {} : { asked }), ...(warnings.length === 0 ? {} : { warnings }) };
  }

  /** Whom a light node asked about these ids, and what should be said of that; nothing in another node. */
  askedAbout(ids: readonly string[]): Pick<PackageInfo, "asked"> & { readonly warnings: readonly string[] } {
    const { light } = this.#parts;
    const asked = light?.askedAbout(ids);
    return { ...(asked === undefined ? {} : { asked }), warnings: light?.warnings(ids) ?? [] };
  }

  /** What was read, or undefined when the complete catalogue does not have it. */
  async known<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (isGgenError(error, "package.not-found")) return undefined;
      throw error;
    }
  }
}
