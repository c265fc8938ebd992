import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Manifest } from "@ggen/p2p-types";

import { type Catalog, openCatalog } from "../../src/index.ts";
import { publisherWithKey, type TestPublisher } from "../publisher-fixture.ts";
import { testClock } from "../replica/folder.ts";

/** What stands on the shelf, by id; `ü` stands for `u` there, since an id has no umlaut. */
export const shelf: Record<string, Partial<Manifest>> = {
  "io.example.my-package": { title: "My Package", description: "A small beginning", tags: ["demo"] },
  "io.ggen.rust.cli": {
    title: "Rust command line",
    description: "Templates for command line tools in Rust",
    category: "Templates",
    tags: ["rust", "CLI"],
    keywords: ["clap"],
    authors: ["Ada Lovelace"],
  },
  "io.ggen.rust.web": { title: "Rust web service", description: "An HTTP service", category: "web", tags: ["rust"] },
  "acme.GraphToolkit": { title: "Graphs", description: "Ontologies and SPARQL queries", category: "ontology" },
  "org.uber.zürich_maps": { title: "Karten für Zürich", description: "Straßen und Plätze" },
};

/** Stores what a publisher has said. @param from - what was stored before */
export async function fill(catalog: Catalog, { operations }: TestPublisher, from = 0): Promise<void> {
  await catalog.accept(
    operations.slice(from).map(({ envelope }) => envelope),
    { via: "local" },
  );
}

/** A catalogue of the {@link shelf} for all the tests of a file that only read. */
export async function openShelf(): Promise<{ readonly catalog: Catalog; readonly close: () => Promise<void> }> {
  const folder = mkdtempSync(join(tmpdir(), "ggen-search-"));
  const catalog = openCatalog({ path: join(folder, "catalog.db"), clock: testClock });
  const owner = publisherWithKey("owner");
  for (const [id, manifest] of Object.entries(shelf)) {
    owner.release("laptop", { id: id.replace("ü", "u"), manifest });
  }
  await fill(catalog, owner);
  return {
    catalog,
    close: async () => {
      await catalog.close();
      rmSync(folder, { recursive: true });
    },
  };
}
