import { join } from "node:path";

import { openCatalog } from "@ggen/p2p-catalog";
import { defineConfig } from "@ggen/p2p-config";
import { type Clock, decodeEnvelope, systemClock } from "@ggen/p2p-types";
import { expect, it, onTestFinished } from "vitest";

import { homeLayout, P2PRegistry } from "../../src/index.ts";
import { metaNames } from "../../src/open-parts.ts";
import { packageFolder, temporaryFolder, withCatalog } from "../authority/world.ts";
import { loopback } from "../harness.ts";

const hourMs = 3_600_000;

/** A clock that is some hours ahead of the machine's. */
const ahead = (hours: number): Clock => ({ ...systemClock, now: () => systemClock.now() + hours * hourMs });

/** Every record of a stranger who releases these, in order, and his id. */
async function stranger(
  releases: readonly (readonly [id: string, version: string, extra?: string])[],
  clock: Clock = systemClock,
): Promise<{ readonly publisher: string; readonly records: readonly Uint8Array[] }> {
  const home = join(await temporaryFolder(), "home");
  const registry = await P2PRegistry.create(defineConfig(loopback()), { home, clock });
  const { publisher } = await registry.publishers.init();
  for (const [id, version, extra = ""] of releases) {
    await registry.publish(await packageFolder(id, version, undefined, extra));
  }
  await registry.close();
  const envelopes = await withCatalog(home, (catalog) => catalog.envelopes(catalog.idsOf({ publisher }, 100)));
  const numberOf = (envelope: Uint8Array): number => {
    const { operation } = decodeEnvelope(envelope).signed;
    return operation.type === "release" ? operation.seq : 0;
  };
  return { publisher, records: envelopes.toSorted((a, b) => numberOf(a) - numberOf(b)) };
}

/** A user's node to which each batch of records comes some hours after the one before. */
async function userWho(
  batches: readonly { readonly afterHours: number; readonly records: readonly Uint8Array[] }[],
  nowHours: number,
  install: { readonly cooldownHours?: number } = {},
): Promise<P2PRegistry> {
  const home = await temporaryFolder();
  for (const { afterHours, records } of batches) {
    const catalog = openCatalog({ path: homeLayout(home).catalogFile, clock: ahead(afterHours) });
    const { rejected } = await catalog.accept(records, { via: "sync", peer: "test" });
    expect(rejected).toEqual([]);
    catalog.setMeta(metaNames.syncedAt, "1");
    await catalog.close();
  }
  const config = defineConfig(loopback({ install }));
  const registry = await P2PRegistry.create(config, { home, clock: ahead(nowHours) });
  onTestFinished(() => registry.close());
  return registry;
}

const id = "io.example.fresh";

async function plan(registry: P2PRegistry, ref: string): Promise<{ chosen: readonly string[]; warnings: string }> {
  const target = await temporaryFolder();
  const { packages, warnings } = await registry.install({ ref, target, dryRun: true });
  return { chosen: packages.map((one) => `${one.id}@${one.version}`), warnings: warnings.join("\n") };
}

it("passes over a young release of a stranger while an older one exists, and takes it when it has aged", async () => {
  const { publisher, records } = await stranger([
    [id, "1.0.0"],
    [id, "2.0.0"],
  ]);
  const batches = [
    { afterHours: 0, records: records.slice(0, 3) },
    { afterHours: 48, records },
  ];
  const ref = `${publisher}/${id}`;
  // The harm: what somebody signed two hours ago, with whatever key, is installed by everybody.
  const hasty = await userWho(batches, 50, { cooldownHours: 0 });
  expect(await plan(hasty, ref)).toEqual({ chosen: [`${id}@2.0.0`], warnings: "" });

  const early = await userWho(batches, 50);
  const first = await plan(early, ref);
  expect(first.chosen).toEqual([`${id}@1.0.0`]);
  expect(first.warnings).toContain(`${id}@2.0.0 was passed over: first seen 2 h ago`);

  const explicit = await plan(early, `${ref}@2.0.0`);
  expect(explicit.chosen).toEqual([`${id}@2.0.0`]);
  expect(explicit.warnings).toContain(`${id}@2.0.0 is young: first seen 2 h ago`);
  const only = await plan(early, `${ref}@^2.0.0`);
  expect(only.chosen).toEqual([`${id}@2.0.0`]);
  expect(only.warnings).toContain("is young");

  const late = await plan(await userWho(batches, 73), ref);
  expect(late).toEqual({ chosen: [`${id}@2.0.0`], warnings: "" });
  await early.publishers.trust({ publisher, trusted: true });
  expect(await plan(early, ref)).toEqual({ chosen: [`${id}@2.0.0`], warnings: "" });
});

it("does not believe the author's time: a release that says it is old is as young as it was seen", async () => {
  const yearsAgo: Clock = { ...systemClock, now: () => Date.UTC(2001, 0, 1) };
  const { publisher, records } = await stranger(
    [
      [id, "1.0.0"],
      [id, "2.0.0"],
    ],
    yearsAgo,
  );
  const user = await userWho(
    [
      { afterHours: 0, records: records.slice(0, 3) },
      { afterHours: 48, records },
    ],
    49,
  );
  const { chosen, warnings } = await plan(user, `${publisher}/${id}`);
  expect(chosen).toEqual([`${id}@1.0.0`]);
  expect(warnings).toContain("first seen 1 h ago");
  const info = await user.info({ ref: `${publisher}/${id}@2.0.0` });
  expect(info.package?.releasedAt).toBe(Date.UTC(2001, 0, 1) / 1000);
});

it("holds for dependencies too, as far as their ranges allow", async () => {
  const needs = (range: string): string => `[dependencies]\n"io.example.part" = "${range}"\n`;
  const { publisher, records } = await stranger([
    ["io.example.part", "1.0.0"],
    ["io.example.wide", "1.0.0", needs("^1.0.0")],
    ["io.example.narrow", "1.0.0", needs(">=1.1.0")],
    ["io.example.part", "1.1.0"],
  ]);
  const user = await userWho(
    [
      { afterHours: 0, records: records.slice(0, -1) },
      { afterHours: 48, records },
    ],
    49,
  );
  const wide = await plan(user, `${publisher}/io.example.wide`);
  expect(wide.chosen).toEqual(["io.example.part@1.0.0", "io.example.wide@1.0.0"]);
  expect(wide.warnings).toContain("io.example.part@1.1.0 was passed over");
  const narrow = await plan(user, `${publisher}/io.example.narrow`);
  expect(narrow.chosen).toEqual(["io.example.part@1.1.0", "io.example.narrow@1.0.0"]);
  expect(narrow.warnings).toContain("io.example.part@1.1.0 is young: first seen 1 h ago");
});
