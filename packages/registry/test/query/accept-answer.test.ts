import { join } from "node:path";

import { openCatalog } from "@ggen/p2p-catalog";
import { silentLogger, systemClock } from "@ggen/p2p-types";
import { expect, it, onTestFinished } from "vitest";

import { homeLayout } from "../../src/index.ts";
import { acceptAnswer } from "../../src/query/accept-answer.ts";
import { openRegistry, packageFolder, temporaryFolder } from "../harness.ts";

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
