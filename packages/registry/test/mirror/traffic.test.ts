import { randomBytes } from "node:crypto";

import { defineConfig } from "@ggen/p2p-config";
import { expect, it, onTestFinished } from "vitest";

import { createTraffic } from "../../src/mirror/traffic.ts";
import { openParts } from "../../src/open-parts.ts";
import { createAnnouncer } from "../../src/publish/announcer.ts";
import { Replicas } from "../../src/publish/replicas.ts";
import { startNetwork } from "../../src/start-network.ts";
import { loopback, packageFolder, startRegistry, temporaryFolder, until } from "../harness.ts";

it("tells when the user's first fetch begins and when the last one ended", () => {
  const traffic = createTraffic();
  const seen: boolean[] = [];
  const stop = traffic.onChange(() => seen.push(traffic.busy));
  const [first, second] = [traffic.begin(), traffic.begin()];
  first();
  first();
  expect(seen).toEqual([true]);
  second();
  expect(seen).toEqual([true, false]);
  stop();
  traffic.begin();
  expect(seen).toHaveLength(2);
});

it("a copy that is under way lets go when the user fetches something, and is taken after that", async () => {
  // Slow enough that the copy is still under way when it is interrupted.
  const publisher = await startRegistry({ network: { uploadKbps: 400 } });
  const config = defineConfig(loopback({ mirror: { mode: "all", maxMb: 100, delaySecs: 0, checkSecs: 1 } }));
  const parts = await openParts(config, { home: await temporaryFolder() });
  onTestFinished(() => parts.close());
  const replicas = new Replicas(parts);
  const announcer = createAnnouncer(parts, (release, count, options) => replicas.collect(release, count, options));
  const running = await startNetwork(parts, announcer, replicas);
  onTestFinished(() => running.stop());
  running.network.subscribe();
  await running.network.dial(publisher.addresses[0] ?? "");
  const text = randomBytes(1_500_000).toString("hex");
  const { cid } = await publisher.publish(await packageFolder("io.example.large", "1.0.0", { "data.txt": text }));
  await until(() => (parts.contents.stat(cid)?.present ?? 0) > 0);

  const end = parts.traffic.begin();
  // What is being written, leased or kept cannot be dropped.
  await until(() => parts.contents.drop(cid));
  expect(running.availability.status()).toMatchObject({ contents: 0, waiting: 1 });
  end();
  await until(() => running.availability.status().contents === 1);
  expect(parts.contents.stat(cid)?.complete).toBe(true);
}, 60_000);
