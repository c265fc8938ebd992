import { openEnvelope, systemClock } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { expect, it } from "vitest";

import { type Catalog, derivePublisher, openCatalog } from "../../src/index.ts";
import { publisherWithKey, type TestPublisher } from "../publisher-fixture.ts";
import { testFolder } from "../replica/folder.ts";
import { history, shuffled } from "../rules/history.ts";

/** A registry as others build it: one record for each name, and the one that comes last replaces what was there. */
class LastWriterWins {
  readonly #releases = new Map<string, string>();
  readonly #yanked = new Set<string>();
  readonly #keys = new Set<string>();

  accept(envelope: Uint8Array): void {
    const { operation } = openEnvelope(envelope);
    if (operation.type === "grant") this.#keys.add(operation.key);
    if (operation.type === "revoke") this.#keys.delete(operation.key);
    if (!("version" in operation)) return;
    const name = `${operation.id.toLowerCase()}@${operation.version}`;
    if (operation.type === "release") this.#releases.set(name, operation.content.sha256);
    if (operation.type === "yank") this.#yanked.add(name);
    if (operation.type === "unyank") this.#yanked.delete(name);
  }

  state(): unknown {
    return { releases: Object.fromEntries(this.#releases), yanked: [...this.#yanked], keys: [...this.#keys] };
  }
}

const envelopesOf = ({ operations }: TestPublisher): Uint8Array[] => operations.map(({ envelope }) => envelope);

/** All that a catalogue says, but for what search finds among what it lists. */
function visible(catalog: Catalog, publisher: string): unknown {
  return {
    fingerprint: catalog.fingerprint(),
    listed: catalog.packagesOf(publisher),
    counts: catalog.counts(),
    state: catalog.publisherState(publisher),
    publishers: catalog.publishers(),
    packages: ["io.example.demo", "other"].map((id) => catalog.entry(id)),
  };
}

it("a store in which the last writer wins is rolled back by a replay", () => {
  const owner = publisherWithKey("owner");
  owner.release("laptop", { version: "1.0.0" });
  owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "leaks" });
  owner.chain("laptop", { type: "unyank", id: "io.example.demo", version: "1.0.0" });
  owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "leaks indeed" });
  owner.revoke("laptop");
  const naive = new LastWriterWins();
  for (const envelope of envelopesOf(owner)) naive.accept(envelope);
  const before = JSON.stringify(naive.state());
  for (const envelope of envelopesOf(owner).slice(1, 5)) naive.accept(envelope);
  // What was yanked is back, and so is the key that was revoked.
  expect(JSON.stringify(naive.state())).not.toBe(before);
});

it("whatever was ever signed, replayed in any order and any parts, before and after a restart, changes nothing", async () => {
  await fc.assert(
    fc.asyncProperty(
      history,
      fc.infiniteStream(fc.nat()),
      fc.integer({ min: 3, max: 20 }),
      async (owner, numbers, part) => {
        const path = `${testFolder()}/catalog.db`;
        const all = envelopesOf(owner);
        let catalog = openCatalog({ path, clock: systemClock });
        const replay = async (): Promise<void> => {
          const order = shuffled([...all, ...all.slice(0, 5)], numbers);
          for (let from = 0; from < order.length; from += part) {
            const report = await catalog.accept(order.slice(from, from + part), { via: "gossip", peer: "replayer" });
            expect(report.rejected).toEqual([]);
          }
        };
        await replay();
        const before = visible(catalog, owner.publisher);
        await replay();
        expect(visible(catalog, owner.publisher)).toEqual(before);
        await catalog.close();
        catalog = openCatalog({ path, clock: systemClock });
        expect(visible(catalog, owner.publisher)).toEqual(before);
        await replay();
        expect(visible(catalog, owner.publisher)).toEqual(before);
        expect(catalog.publisherState(owner.publisher)?.releases).toEqual(
          derivePublisher(owner.operations, owner.publisher).releases,
        );
        await catalog.close();
      },
    ),
    { numRuns: 8 },
  );
}, 60_000);

it("nor does it change what search finds", async () => {
  const path = `${testFolder()}/catalog.db`;
  const owner = publisherWithKey("owner");
  for (const version of ["1.0.0", "2.0.0"]) owner.release("laptop", { version });
  owner.release("laptop", { id: "other" });
  for (const id of ["io.example.demo", "other"]) {
    owner.chain("laptop", { type: "yank", id, version: id === "other" ? "1.0.0" : "2.0.0", reason: "leaks" });
  }
  const found = async (catalog: Catalog): Promise<unknown> =>
    (await catalog.search({})).results.map((each) => each.package);
  const first = openCatalog({ path, clock: systemClock });
  await first.accept(envelopesOf(owner), { via: "sync" });
  const before = await found(first);
  expect(before).toMatchObject([{ id: "io.example.demo", version: "1.0.0" }]);
  await first.accept(envelopesOf(owner).toReversed(), { via: "gossip" });
  expect(await found(first)).toEqual(before);
  await first.close();
  const second = openCatalog({ path, clock: systemClock });
  await second.accept(envelopesOf(owner).slice(2, 5), { via: "gossip" });
  expect(await found(second)).toEqual(before);
  await second.close();
});

it("a peer that offers only the old half takes nothing from who has the whole", async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.infiniteStream(fc.nat()), async (owner, numbers) => {
      const whole = openCatalog({ path: ":memory:", clock: systemClock });
      await whole.accept(envelopesOf(owner), { via: "sync", peer: "honest" });
      const before = whole.publisherState(owner.publisher);
      const fingerprint = whole.fingerprint();
      const half = owner.operations.slice(0, owner.operations.length >>> 1).map(({ envelope }) => envelope);
      await whole.accept(shuffled(half, numbers), { via: "sync", peer: "old" });
      expect(whole.fingerprint()).toBe(fingerprint);
      expect(whole.publisherState(owner.publisher)).toEqual(before);
      await whole.close();
    }),
    { numRuns: 20 },
  );
}, 30_000);
