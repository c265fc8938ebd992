import { openCatalog } from "@ggen/p2p-catalog";
import {
  cidOfDigest,
  createSigner,
  decodeEnvelope,
  foundPublisher,
  rawCodec,
  sealOperation,
  sha256,
  systemClock,
  toHex,
} from "@ggen/p2p-types";
import type { SignedOperation, Signer } from "@ggen/p2p-types";
import { join } from "node:path";
import type { SearchDocument } from "../judged/judged-set.ts";
import { syntheticPackages } from "../judged/synthetic-documents.ts";
import { pollUntil } from "../measure/poll.ts";
import { createSeeded } from "../measure/seeded.ts";
import { toManifest } from "../search-engines/catalogue.ts";

const begun = 1_700_000_000;
const yearSeconds = 31_536_000;
const releasesPerPackage = 3;
const operationsPerPublisher = 100;
const maxPerPublisher = 9000;
/** What a large catalogue is made of. */
export interface LargeCatalogueShape {
  /** About so many operations. */
  readonly operations: number;
  /** Releases of one package, on average. Default: 3. */
  readonly releases?: number;
}

const keyed = (name: string): { readonly signer: Signer; readonly key: string } => {
  const signer = createSigner(sha256(new TextEncoder().encode(`bench ${name}`)));
  return { signer, key: toHex(signer.publicKey) };
};

/**
 * Signed operations as a registry gets them over a year, by time: a few publishers with thousands of releases, many with
 * a few dozen, their chains interleaved.
 */
export function largeCatalogue({ operations, releases = releasesPerPackage }: LargeCatalogueShape): Uint8Array[] {
  const random = createSeeded(operations);
  const publishers = Math.ceil(operations / operationsPerPublisher);
  const documents = syntheticPackages(Math.ceil(operations / releases), operations).map(({ document }) => document);
  const weights = Array.from({ length: publishers }, (_, rank) => 1 / (rank + 20));
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const next = documents.values();
  const signed: SignedOperation[] = [];
  for (const [rank, weight] of weights.entries()) {
    const share = Math.round(((operations - 2 * publishers) * weight) / whole);
    const count = Math.min(maxPerPublisher, Math.max(1, share));
    for (const operation of publisherOperations(rank, count, releases, random, next)) signed.push(operation);
  }
  return signed.toSorted((a, b) => a.operation.time - b.operation.time).map(({ envelope }) => envelope);
}

function* publisherOperations(
  serial: number,
  count: number,
  releases: number,
  random: () => number,
  documents: Iterator<SearchDocument>,
): Generator<SignedOperation> {
  const [rotation, laptop] = [keyed(`rotation ${serial}`), keyed(`laptop ${serial}`)];
  let time = begun + Math.floor((random() * yearSeconds) / 2);
  const { publisher, genesis, grant } = foundPublisher([rotation.signer], time);
  const { key } = laptop;
  yield genesis;
  yield grant(key, "laptop");
  const step = Math.max(1, Math.floor(yearSeconds / 2 / count));
  let prev: string | null = null;
  let document: SearchDocument | undefined;
  for (let seq = 1; seq <= count; seq += 1) {
    time += Math.floor(random() * step);
    if (document === undefined || random() < 1 / releases) {
      document = (documents.next().value as SearchDocument | undefined) ?? document;
    }
    if (document === undefined) return;
    const { id } = document;
    // What fits a chunk is a leaf by itself: its CID has the same digest.
    const digest = sha256(new TextEncoder().encode(`${id} ${seq}`));
    const content = { cid: cidOfDigest(rawCodec, digest).toString(), size: 1024, sha256: toHex(digest) };
    const manifest = toManifest(document);
    const version = `1.${seq}.0`;
    const release = sealOperation(
      { v: 1, type: "release", time, publisher, key, seq, prev, id, version, manifest, content },
      [laptop.signer],
    );
    prev = release.id;
    yield release;
  }
}

/** Puts operations into the catalogue of a home whose node does not run. @returns the catalogue's fingerprint */
export async function fillHome(home: string, envelopes: readonly Uint8Array[]): Promise<string> {
  const catalog = openCatalog({ path: join(home, "catalog.db"), clock: systemClock, maxBytes: Infinity });
  const batch = 4096;
  for (let from = 0; from < envelopes.length; from += batch) {
    const report = await catalog.accept(envelopes.slice(from, from + batch), { via: "sync" });
    if (report.deferred.length + report.rejected.length > 0) throw new Error("the catalogue refused an operation");
  }
  // What comes in a flood is listed for search after it was stored.
  const packages = new Set(envelopes.flatMap((envelope) => packageIn(envelope) ?? [])).size;
  const isListed = (): Promise<boolean> => Promise.resolve(catalog.counts().packages === packages);
  await pollUntil("every package is listed", isListed, { timeoutMs: 600_000, intervalMs: 50 });
  const fingerprint = catalog.fingerprint();
  await catalog.close();
  return fingerprint;
}

function packageIn(envelope: Uint8Array): string | undefined {
  const { operation } = decodeEnvelope(envelope).signed;
  return operation.type === "release" ? operation.id.toLowerCase() : undefined;
}
