import { defineConfig } from "@ggen/p2p-config";
import { expect, it } from "vitest";

import { openParts } from "../../src/open-parts.ts";
import { createPublisher, usableKeys } from "../../src/publish/publisher-identity.ts";
import { loopback, openRegistry, packageFolder, temporaryFolder } from "../harness.ts";

it("a home that has a publisher makes no second one, which later publishes might go to", async () => {
  const registry = await openRegistry();
  const { publisher } = await registry.publishers.init();
  await expect(registry.publishers.init("other")).rejects.toMatchObject({
    code: "publisher.exists",
    got: publisher,
  });
  expect((await registry.publish(await packageFolder("io.example.mine"))).publisher).toBe(publisher);
});

it("with keys of several publishers, an id goes on with the one that released it", async () => {
  const home = await temporaryFolder();
  const first = await openRegistry({}, home);
  const { publisher } = await first.publish(await packageFolder("io.example.mine"));
  await first.close();
  const parts = await openParts(defineConfig(loopback()), { home });
  // Until another one comes first in the order of keys.
  while ((await usableKeys(parts))[0]?.publisher === publisher) await createPublisher(parts, "another");
  await parts.close();

  const again = await openRegistry({}, home);
  expect((await again.publish(await packageFolder("io.example.mine", "1.1.0"))).publisher).toBe(publisher);
  expect((await again.publish(await packageFolder("io.example.new"))).publisher).not.toBe(publisher);
  expect(await again.yank({ ref: "io.example.mine@1.0.0", reason: "r".repeat(500), yanked: true })).toMatchObject({
    yanked: { reason: "r".repeat(500) },
  });
});

it("a reason that a record cannot hold is refused, not cut", async () => {
  const registry = await openRegistry();
  await registry.publish(await packageFolder("io.example.mine"));
  const yank = registry.yank({ ref: "io.example.mine@1.0.0", reason: "r".repeat(501), yanked: true });
  await expect(yank).rejects.toMatchObject({ code: "usage.invalid", got: "501" });
});
