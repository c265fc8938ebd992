import { openCatalog } from "@ggen/p2p-catalog";
import { systemClock } from "@ggen/p2p-types";
import type { SyntheticPackage } from "../judged/synthetic-documents.ts";
import { statSync } from "node:fs";
import { pollUntil } from "../measure/poll.ts";
import { batchSize, publishAll } from "./catalogue.ts";

/** What a replica takes, in bytes. */
export interface ReplicaSize {
  readonly file: number;
  /** Of the signed operations alone. */
  readonly signed: number;
}

/**
 * Makes a replica that has a release of each package: signed, checked and stored as operations of peers are.
 * @param path - of the database, which is made
 */
export async function writeReplica(path: string, packages: readonly SyntheticPackage[]): Promise<ReplicaSize> {
  let signed = 0;
  const catalog = openCatalog({ path, clock: systemClock, maxBytes: Infinity });
  for (let from = 0; from < packages.length; from += batchSize) {
    const documents = packages.slice(from, from + batchSize).map(({ document }) => document);
    const operations = publishAll(documents, from);
    const envelopes = operations.map(({ envelope }) => envelope);
    for (const { byteLength } of envelopes) signed += byteLength;
    const report = await catalog.accept(envelopes, { via: "sync" });
    if (report.accepted.length !== operations.length) throw new Error("the catalogue refused a document");
  }
  // What comes in a flood is listed for search after it was stored.
  const isListed = (): Promise<boolean> => Promise.resolve(catalog.counts().packages === packages.length);
  await pollUntil("every package is listed", isListed, { timeoutMs: 1_800_000, intervalMs: 1000 });
  await catalog.close();
  return { file: statSync(path).size, signed };
}
