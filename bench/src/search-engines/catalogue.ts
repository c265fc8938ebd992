import { openCatalog } from "@ggen/p2p-catalog";
import { createSigner, foundPublisher, sealOperation, sha256, systemClock, toHex } from "@ggen/p2p-types";
import type { Manifest, Operation, SignedOperation } from "@ggen/p2p-types";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SearchDocument } from "../judged/judged-set.ts";
import type { SearchEngine } from "./search-engine.ts";

const time = 1_760_000_000;
/** Releases of one publisher. */
export const batchSize = 5000;
// A CIDv1 (raw, sha2-256); which one does not matter to a search.
const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

/** Our catalogue: signed operations on disk, searched in its thread. */
export async function createCatalogue(documents: readonly SearchDocument[]): Promise<SearchEngine> {
  const folder = await mkdtemp(join(tmpdir(), "ggen-bench-search-"));
  const catalog = openCatalog({ path: join(folder, "catalog.db"), clock: systemClock, maxBytes: Infinity });
  for (let from = 0; from < documents.length; from += batchSize) {
    const operations = publishAll(documents.slice(from, from + batchSize), from);
    const report = await catalog.accept(
      operations.map(({ envelope }) => envelope),
      { via: "local" },
    );
    if (report.accepted.length !== operations.length) throw new Error("the catalogue refused a document");
  }
  return {
    search: async (text, limit) => {
      const { results } = await catalog.search({ text, limit });
      return results.map((result) => result.package.id);
    },
    close: async () => {
      await catalog.close();
      await rm(folder, { recursive: true });
    },
  };
}

/** A publisher with a release of each document. */
export function publishAll(documents: readonly SearchDocument[], serial: number): SignedOperation[] {
  const [rotation, laptop] = ["rotation", "laptop"].map((name) => {
    const signer = createSigner(sha256(new TextEncoder().encode(`bench ${name} ${serial}`)));
    return { signer, key: toHex(signer.publicKey) };
  }) as [Keyed, Keyed];
  const { publisher, genesis, grant } = foundPublisher([rotation.signer], time);
  const operations = [genesis, grant(laptop.key, "laptop")];
  let prev: string | null = null;
  for (const [index, document] of documents.entries()) {
    const release = sealOperation(
      {
        v: 1,
        type: "release",
        time,
        publisher,
        key: laptop.key,
        seq: index + 1,
        prev,
        id: document.id,
        version: "1.0.0",
        manifest: toManifest(document),
        content: { cid, size: 1024, sha256: toHex(sha256(new TextEncoder().encode(document.id))) },
      } as Operation,
      [laptop.signer],
    );
    prev = release.id;
    operations.push(release);
  }
  return operations;
}

interface Keyed {
  readonly signer: ReturnType<typeof createSigner>;
  readonly key: string;
}

/** A document as the manifest of a release. */
export function toManifest(document: SearchDocument): Manifest {
  const { title, description, category, tags, keywords, authors, license } = document;
  return {
    title,
    description,
    ...(category === undefined ? {} : { category }),
    tags,
    keywords,
    authors,
    ...(license === undefined ? {} : { license }),
    dependencies: {},
    requires: [],
  };
}
