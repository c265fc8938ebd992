import { defineConfig } from "@ggen/p2p-config";
import { toHex } from "@ggen/p2p-types";
import { expect, it, onTestFinished } from "vitest";

import { ProviderRecords } from "../../src/mirror/provider-records.ts";
import { openParts } from "../../src/open-parts.ts";
import { contentKey } from "../../src/peers/holders.ts";
import { createAnnouncer } from "../../src/publish/announcer.ts";
import { Replicas } from "../../src/publish/replicas.ts";
import { startNetwork } from "../../src/start-network.ts";
import { loopback, startRegistry, temporaryFolder, until } from "../harness.ts";

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

it("what is not held any more is not said any more, what is held stays said", async () => {
  const other = await startRegistry();
  const parts = await openParts(defineConfig(loopback()), { home: await temporaryFolder() });
  onTestFinished(() => parts.close());
  const replicas = new Replicas(parts);
  const announcer = createAnnouncer(parts, (release, count, options) => replicas.collect(release, count, options));
  const running = await startNetwork(parts, announcer, replicas);
  onTestFinished(() => running.stop());
  const { network } = running;
  await network.dial(other.addresses[0] ?? "");
  const kept = await parts.contents.add(bytesOf("kept"), undefined, "user");
  const gone = await parts.contents.add(bytesOf("gone"));
  const digests = [kept, gone].map(({ cid }) => toHex(contentKey(cid)));
  for (const { cid } of [kept, gone]) await until(async () => (await network.provide(contentKey(cid))) > 0);
  expect(network.provided().toSorted()).toEqual(digests.toSorted());

  expect(await parts.contents.drop(gone.cid)).toBe(true);
  await new ProviderRecords(parts).compare([]);
  expect(network.provided()).toEqual(digests.slice(0, 1));
});
