import { join } from "node:path";

import { openCatalog } from "@ggen/p2p-catalog";
import {
  type Operation,
  type PublisherInfo,
  sealOperation,
  type SignedOperation,
  type Signer,
  systemClock,
} from "@ggen/p2p-types";

import { homeLayout, type P2PRegistry } from "../../src/index.ts";
import { createKeystore } from "../../src/keys/keystore.ts";
import { bareManifest } from "../bare-manifest.ts";
import { connect, openRegistry, packageFolder, startRegistry, temporaryFolder } from "../harness.ts";

export { connect, openRegistry, packageFolder, startRegistry, temporaryFolder };

/** The signing keys of a home, as a thief who copied its folder has them. */
export async function stolenKeys(home: string): Promise<readonly { publisher: string; key: string; signer: Signer }[]> {
  return createKeystore(homeLayout(home).keysDirectory).list();
}

/** The catalogue of a home that no registry has open; records that its owner accepts whoever signed them. */
export async function withCatalog<T>(
  home: string,
  use: (catalog: ReturnType<typeof openCatalog>) => T | Promise<T>,
): Promise<T> {
  const catalog = openCatalog({ path: homeLayout(home).catalogFile, clock: systemClock });
  try {
    return await use(catalog);
  } finally {
    await catalog.close();
  }
}

/** Puts records into a closed home as if its owner had signed them. */
export async function plant(home: string, operations: readonly SignedOperation[]): Promise<void> {
  await withCatalog(home, (catalog) =>
    catalog.accept(
      operations.map(({ envelope }) => envelope),
      { via: "local" },
    ),
  );
}

/** Every record of one home into another, both closed: reconciliation without a network. */
export async function copyRecords(from: string, to: string, publisher: string): Promise<void> {
  const envelopes = await withCatalog(from, (catalog) =>
    catalog.envelopes(catalog.idsOf({ publisher }, Number.MAX_SAFE_INTEGER)),
  );
  await withCatalog(to, (catalog) => catalog.accept(envelopes, { via: "sync", peer: "test" }));
}

/** A release that a thief signs, anywhere in the chain of the stolen key. */
export function forgedRelease(
  thief: { readonly publisher: string; readonly key: string; readonly signer: Signer },
  place: { readonly seq: number; readonly prev: string | null; readonly time: number },
  what: {
    readonly id: string;
    readonly version: string;
    readonly content: { cid: string; size: number; sha256: string };
  },
): SignedOperation {
  const { publisher, key, signer } = thief;
  const operation: Operation = { v: 1, type: "release", publisher, key, ...place, ...what, manifest: bareManifest };
  return sealOperation(operation, [signer]);
}

/** A home with a publisher of its own and one release, closed. */
export async function closedHome(
  id: string,
  versions: readonly string[] = ["1.0.0"],
): Promise<{
  readonly home: string;
  readonly publisher: string;
  readonly words: string;
}> {
  const home = join(await temporaryFolder(), "home");
  const registry = await openRegistry({}, home);
  const { publisher, recoveryWords } = await registry.publishers.init();
  for (const version of versions) await registry.publish(await packageFolder(id, version));
  await registry.close();
  return { home, publisher, words: recoveryWords };
}

/** A home with a publisher of two rotation keys, of which one goes over the other, and one release; open. */
export async function twoKeyHome(id: string): Promise<{
  readonly home: string;
  readonly registry: P2PRegistry;
  readonly publisher: string;
  /** Recovery words of the keys. */
  readonly high: string;
  readonly low: string;
}> {
  const home = join(await temporaryFolder(), "home");
  const registry = await openRegistry({}, home);
  const { publisher, rotationKeys } = await registry.publishers.init("me", { keys: 2 });
  const [high = "", low = ""] = rotationKeys.map(({ recoveryWords }) => recoveryWords);
  await registry.publish(await packageFolder(id));
  return { home, registry, publisher, high, low };
}

/** What a registry says of one publisher. */
export async function publisherOf(registry: P2PRegistry, publisher: string): Promise<PublisherInfo> {
  const found = (await registry.publishers.list()).find((row) => row.publisher === publisher);
  if (found === undefined) throw new Error(`${publisher} is not known`);
  return found;
}
