import { join } from "node:path";

import { openCatalog } from "@ggen/p2p-catalog";
import { type SignedOperation, silentLogger, systemClock } from "@ggen/p2p-types";
import { expect, it, onTestFinished } from "vitest";

import { homeLayout } from "../../src/index.ts";
import { acceptAnswer } from "../../src/query/accept-answer.ts";
import { openRegistry, packageFolder, temporaryFolder } from "../harness.ts";
import { emptyCatalog, forge, givenPeers } from "../light/given-peers.ts";
import { stranger } from "../light/hostile.ts";

it("completes an answer about one package with the records of its publisher", async () => {
  const home = await temporaryFolder();
  const publisher = await openRegistry({}, home);
  await publisher.publish(await packageFolder("io.example.first"));
  await publisher.publish(await packageFolder("io.example.second"));
  const theirs = openCatalog({ path: homeLayout(home).catalogFile, clock: systemClock, readOnly: true });
  const ours = openCatalog({ path: join(await temporaryFolder(), "catalog.db"), clock: systemClock });
  onTestFinished(async () => void (await Promise.all([theirs.close(), ours.close()])));

  const asked: unknown[] = [];
  const network = {
    operationsOf: async (_peer: string, selector: Parameters<typeof theirs.idsOf>[0]) => {
      asked.push(selector);
      return theirs.envelopes(theirs.idsOf(selector, 512)).map((envelope) => Uint8Array.from(envelope));
    },
  };
  // As a peer answers a search or a lookup: the releases of that package and nothing else.
  const answer = theirs.envelopes(theirs.idsOf({ package: "io.example.second" }, 10));
  expect(answer).toHaveLength(1);
  const lies: string[] = [];
  const evidence = { lie: (peerId: string) => void lies.push(peerId) };
  const components = { catalog: ours, network, evidence, logger: silentLogger };
  const { signal } = new AbortController();
  await acceptAnswer(components, "peer", answer, signal);
  expect(ours.entry("io.example.second")?.claimants).toHaveLength(1);
  expect(asked).toHaveLength(1);

  await acceptAnswer(components, "peer", answer, signal);
  expect(lies).toEqual([]);
  await acceptAnswer(components, "liar", [new Uint8Array(40)], signal);
  expect(asked).toHaveLength(1);
  expect(lies).toEqual(["liar"]);
});

const releaseOf = (operations: readonly SignedOperation[]): Uint8Array =>
  operations.at(-1)?.envelope ?? new Uint8Array();

/** What answers of a peer are taken in with, by a catalogue that is empty. */
async function answering(given: readonly SignedOperation[]) {
  const { asked, operationsOf } = givenPeers(new Map([["peer", given]]));
  const [lies, logged]: [string[], string[]] = [[], []];
  const catalog = await emptyCatalog();
  const components = {
    catalog,
    network: { operationsOf },
    evidence: { lie: (peerId: string) => void lies.push(peerId) },
    logger: { ...silentLogger, log: (_level: string, message: string) => void logged.push(message) },
  };
  return { asked, lies, logged, catalog, components };
}

it("gives the releases of an answer that are in force, and nothing else of it", async () => {
  const [sound, incomplete] = [stranger("io.example.sound", ["1.0.0"]), stranger("io.example.incomplete", ["1.0.0"])];
  const { components, lies } = await answering(sound);
  const { signal } = new AbortController();
  const spoilt = forge(releaseOf(sound));
  const [genesis] = sound;
  const answer = [genesis?.envelope ?? new Uint8Array(), releaseOf(incomplete), releaseOf(sound)];
  const found = await acceptAnswer(components, "peer", answer, signal);
  expect(found.map(({ id }) => id)).toEqual(["io.example.sound"]);
  expect(lies).toEqual([]);
  // Once more, with a forgery: what is here counts whatever stands beside it, and nothing is asked for.
  const again = await acceptAnswer(components, "liar", [spoilt, releaseOf(sound)], signal);
  expect(again.map(({ id }) => id)).toEqual(["io.example.sound"]);
  expect(lies).toEqual(["liar"]);
});

it("does not believe a forged release, nor asks after its publisher", async () => {
  const sound = stranger("io.example.sound", ["1.0.0"]);
  const [, grant] = sound;
  const { asked, components, lies } = await answering(sound);
  const spoilt = forge(releaseOf(sound));
  expect(await acceptAnswer(components, "peer", [spoilt], new AbortController().signal)).toEqual([]);
  // Nor after that of what is no release.
  expect(await acceptAnswer(components, "peer", [grant?.envelope ?? spoilt], new AbortController().signal)).toEqual([]);
  expect(asked).toEqual([]);
  expect(lies).toEqual(["peer"]);
});

it("asks after 32 publishers of one answer at most, once each, and goes without those that it does not get", async () => {
  const publishers = Array.from({ length: 33 }, (_, at) =>
    stranger(`io.example.p${at}`, at === 0 ? ["1.0.0", "1.1.0"] : ["1.0.0"]),
  );
  const { asked, logged, components } = await answering(publishers.slice(0, 2).flat());
  const answer = publishers.flatMap((operations) => operations.slice(2).map(({ envelope }) => envelope));
  const { signal } = new AbortController();
  const found = await acceptAnswer(components, "peer", answer, signal);
  expect(asked).toHaveLength(32);
  expect(new Set(asked.map(({ of }) => of)).size).toBe(32);
  expect(found).toHaveLength(3);
  expect(logged).toEqual([]);
  expect(await acceptAnswer(components, "gone", answer, signal)).toHaveLength(3);
  expect(logged).toEqual(["a peer did not give a publisher's records"]);
});
