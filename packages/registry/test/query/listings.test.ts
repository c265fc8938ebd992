import { type Catalog, publisherOf } from "@ggen/p2p-catalog";
import { type PublisherId, type SignedOperation } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { listClaimants, type ListingComponents, takePublisher, takePublishers } from "../../src/query/listings.ts";
import { emptyCatalog, forge, givenPeers } from "../light/given-peers.ts";
import { stranger } from "../light/hostile.ts";

const id = "io.example.wanted";
const { signal } = new AbortController();
const mine = stranger(id, ["1.0.0", "1.1.0"]);
const theirs = stranger(id, ["2.0.0"]);
const other = stranger("io.example.other", ["1.0.0"]);
const ownerOf = ([first]: readonly SignedOperation[]): PublisherId => (first === undefined ? "" : publisherOf(first));
const envelopesOf = (operations: readonly SignedOperation[]): Uint8Array[] =>
  operations.map(({ envelope }) => envelope);

/** What reads listings of peers, and what is noted of these. */
function reading(
  operationsOf: ListingComponents["network"]["operationsOf"],
  catalog: Pick<Catalog, "accept"> = { accept: () => Promise.reject(new Error("nothing is to be taken in")) },
): { readonly components: ListingComponents; readonly liars: string[] } {
  const liars: string[] = [];
  const evidence = { lie: (peerId: string) => void liars.push(peerId) };
  return { components: { catalog, network: { operationsOf }, evidence }, liars };
}

it("who claims an id is read from records of this id, in any case, and nothing is taken in for it", async () => {
  const { operationsOf } = givenPeers(new Map([["peer", [...mine, ...other, ...theirs]]]));
  const { components, liars } = reading(operationsOf);
  const found = await listClaimants(components, "peer", "IO.example.Wanted", signal);
  expect(found).toEqual(new Set([ownerOf(mine), ownerOf(theirs)]));
  expect(liars).toEqual([]);
});

it.each([
  ["records of another id", envelopesOf([...mine.slice(2), ...other.slice(2)])],
  ["records of no id", envelopesOf(mine)],
  ["what is no record", [new Uint8Array(40)]],
])("a peer that gives %s instead of claims has lied", async (_, given) => {
  const { components, liars } = reading(() => Promise.resolve([...given]));
  await expect(listClaimants(components, "liar", id, signal)).rejects.toMatchObject({ code: "network.protocol" });
  expect(liars).toEqual(["liar"]);
});

/** A peer that gives full pages of one release, and one short of full in the end. */
function pages(endsAt: number): {
  readonly offsets: (number | undefined)[];
  readonly operationsOf: ListingComponents["network"]["operationsOf"];
} {
  const offsets: (number | undefined)[] = [];
  const [, , release] = mine;
  return {
    offsets,
    operationsOf: async (_, __, { limit = 0, offset } = {}) => {
      offsets.push(offset);
      const length = offsets.length < endsAt ? limit : limit - 1;
      return Array.from({ length }, () => release?.envelope ?? new Uint8Array());
    },
  };
}

it("a listing is read page by page to its end", async () => {
  const { offsets, operationsOf } = pages(2);
  await listClaimants(reading(operationsOf).components, "peer", id, signal);
  expect(offsets).toEqual([0, 512]);
  const records = pages(2);
  const known = mine.map((signed) => signed.id);
  const accept = (): ReturnType<Catalog["accept"]> =>
    Promise.resolve({ accepted: [], known, deferred: [], rejected: [] });
  await takePublisher(reading(records.operationsOf, { accept }).components, "peer", ownerOf(mine), signal);
  expect(records.offsets).toEqual([0, 512]);
});

it("of a listing without an end twenty pages are read", async () => {
  const { offsets, operationsOf } = pages(100);
  await listClaimants(reading(operationsOf).components, "endless", id, signal);
  expect(offsets).toHaveLength(20);
});

it("all of a publisher's records are taken in, and told also when they were here before", async () => {
  const { operationsOf } = givenPeers(new Map([["peer", [...mine, ...theirs]]]));
  const catalog = await emptyCatalog();
  const { components, liars } = reading(operationsOf, catalog);
  const ids = new Set(mine.map((signed) => signed.id));
  for (let time = 1; time <= 2; time++) {
    expect(await takePublisher(components, "peer", ownerOf(mine), signal)).toEqual(ids);
  }
  expect(catalog.entry(id)?.claimants).toHaveLength(1);
  expect(catalog.firstSeen(mine[0]?.id ?? "")).toMatchObject({ via: "fetch", peer: "peer" });
  expect(liars).toEqual([]);
});

it.each([
  ["records of another publisher beside those asked for", () => envelopesOf([...mine, ...other])],
  [
    "a record with another signature",
    () => [...envelopesOf(mine.slice(0, -1)), ...envelopesOf(mine.slice(-1)).map(forge)],
  ],
  ["what is no record", () => [new Uint8Array(40)]],
])("a peer that gives %s has lied", async (_, given) => {
  const { components, liars } = reading(() => Promise.resolve(given()), await emptyCatalog());
  await expect(takePublisher(components, "liar", ownerOf(mine), signal)).rejects.toMatchObject({
    code: "network.protocol",
  });
  expect(liars).toEqual(["liar"]);
});

it("what is not let in is not read to its end", async () => {
  let requests = 0;
  const [genesis] = mine;
  const deferred = genesis === undefined ? [] : [genesis.id];
  const { components, liars } = reading(
    (_, __, { limit = 0 } = {}) => {
      requests += 1;
      return Promise.resolve(Array.from({ length: limit }, () => genesis?.envelope ?? new Uint8Array()));
    },
    { accept: () => Promise.resolve({ accepted: [], known: [], deferred, rejected: [] }) },
  );
  expect(await takePublisher(components, "flood", ownerOf(mine), signal)).toEqual(new Set());
  expect(requests).toBe(1);
  expect(liars).toEqual([]);
});

it("several publishers are taken once each, four at a time, and all fail when one does", async () => {
  const publishers = Array.from({ length: 9 }, (_, at) => stranger(`io.example.p${at}`, ["1.0.0"]));
  const { asked, operationsOf } = givenPeers(new Map([["peer", publishers.flat()]]));
  let [running, most] = [0, 0];
  const { components } = reading(
    async (...args) => {
      most = Math.max(most, ++running);
      const given = await operationsOf(...args);
      running -= 1;
      return given;
    },
    await emptyCatalog(),
  );
  const given = await takePublishers(components, "peer", publishers.map(ownerOf), signal);
  expect([...given.keys()].toSorted()).toEqual(publishers.map(ownerOf).toSorted());
  expect([...given.values()].map(({ size }) => size)).toEqual(Array<number>(9).fill(3));
  expect(asked).toHaveLength(9);
  expect(most).toBe(4);
  await expect(takePublishers(components, "gone", [ownerOf(mine)], signal)).rejects.toThrow("nobody there");
});
