import type { CallOptions, InstallParams, InstallResult, Package } from "@ggen/p2p-types";

import type { OpenParts } from "../open-parts.ts";
import type { Announcer } from "../publish/announcer.ts";
import type { PackageReader } from "../query/package-reader.ts";
import { installedIn, type LookAlikeBook } from "../resolve/look-alike-book.ts";
import { createQueue } from "../serial-queue.ts";
import { fetchContent } from "./fetch.ts";
import { installPackage } from "./install.ts";

/** Fetches and installs for the user: what this node does for others waits meanwhile. */
export class Installer {
  readonly #parts: OpenParts;
  readonly #announcer: Announcer;
  readonly #reader: PackageReader;
  readonly #lookAlikes: LookAlikeBook;
  /** Installing is a read-modify-write of a lockfile: one at a time, but never behind a publish. */
  readonly #installing = createQueue();

  constructor(parts: OpenParts, announcer: Announcer, reader: PackageReader, lookAlikes: LookAlikeBook) {
    this.#parts = parts;
    this.#announcer = announcer;
    this.#reader = reader;
    this.#lookAlikes = lookAlikes;
  }

  /** Installs, tells the DHT what is held from then on, and says what should be said of it. */
  install(params: InstallParams, options: CallOptions): Promise<InstallResult> {
    return this.#installing(() => this.#first(() => this.#install(params, options)));
  }

  /** Makes the content of a release complete in the local store. */
  async fetch(release: Package, options: CallOptions): Promise<void> {
    await this.#first(() => fetchContent(this.#parts, release, options));
  }

  async #install(params: InstallParams, options: CallOptions): Promise<InstallResult> {
    const before = await installedIn(params.target);
    const result = await installPackage(this.#parts, params, (id) => this.#reader.lookup(id, options.signal), options);
    for (const { cid, source } of result.packages) if (source === "peers") this.#announcer.provideContent(cid);
    const { asked, warnings } = this.#reader.askedAbout(result.packages.map(({ id }) => id));
    return {
      ...result,
      warnings: [...result.warnings, ...warnings, ...this.#lookAlikes.warnings(result.packages, before)],
      ...(asked === undefined ? {} : { asked }),
    };
  }

  async #first<T>(work: () => Promise<T>): Promise<T> {
    const end = this.#parts.traffic.begin();
    try {
      return await work();
    } finally {
      end();
    }
  }
}
