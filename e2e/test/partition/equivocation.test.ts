import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, type NodeProcess, startNode } from "@ggen/testkit";
import { beforeAll, expect, it, vi } from "vitest";

import {
  bootstrapTo,
  commandsIn,
  install,
  payloadOf,
  publish,
  runPrinted,
  versionsOf,
} from "../attacks/support/attacked.ts";
import { startWeakened } from "../attacks/support/weakened.ts";
import { answerOf, refusalOf, statusOf, untilCatalogueIs } from "../support/catalogue.ts";
import { inParallel } from "../support/in-parallel.ts";
import { writePackage } from "../support/packages.ts";
import { emptyFolder } from "../support/places.ts";
import { copiedHome, startHalf, twoKeys, type TwoFaced } from "./halves.ts";

/** Nodes of each half. */
const size = Number(process.env["GGEN_PARTITION_HALF"] ?? 15);
const sides = ["left", "right"] as const;

let liars: readonly TwoFaced[];
let halves: readonly (readonly NodeProcess[])[];
const all = (): readonly NodeProcess[] => halves.flat();
const node = (half: number, place: number): NodeProcess => halves[half]?.at(place) as NodeProcess;
/** A project of each half that locked both packages before the halves met. */
const projects = sides.map(() => emptyFolder());

interface Proof {
  readonly publisher: string;
  readonly kind: string;
  readonly operations: readonly string[];
  readonly records: readonly string[];
}

beforeAll(async () => {
  liars = [await copiedHome("io.example.copied"), await twoKeys("io.example.granted")];
  const own = (half: number): readonly string[] => liars.map(({ homes }) => homes[half] ?? "");
  const strangers = (): readonly string[] => Array.from({ length: size - liars.length }, () => createHome());
  halves = [await startHalf([...own(0), ...strangers()]), await startHalf([...own(1), ...strangers()])];
}, 600_000);

it("apart, each half is told another content of one version, and has no way to know", async () => {
  for (const [half, side] of sides.entries()) {
    for (const { id, homes } of liars) await publish(homes[half] ?? "", id, "1.1.0", side);
    const project = writePackage(projects[half] ?? "", "io.example.project");
    const reader = node(half, -1);
    for (const { id } of liars) {
      await vi.waitUntil(async () => (await versionsOf(reader.home, id)).includes("1.1.0"), { timeout: 30_000 });
      await answerOf(reader.home, ["marketplace", "install", `${id}@1.1.0`], { cwd: project });
      expect(payloadOf(join(project, ".ggen/packages"), id)).toBe(side);
    }
  }
}, 120_000);

it("healed at two nodes that meet, all catalogues are equal by hash", async () => {
  await answerOf(node(0, -1).home, ["marketplace", "p2p", "bootstrap", node(1, -1).addresses[0] ?? ""]);
  const atTheBridge = (): Promise<readonly string[]> =>
    Promise.all([node(0, -1), node(1, -1)].map(async ({ home }) => (await statusOf(home)).catalogFingerprint));
  await vi.waitUntil(async () => new Set(await atTheBridge()).size === 1, { timeout: 45_000, interval: 100 });
  const [fingerprint = ""] = await atTheBridge();
  const equal = await inParallel(all(), 3, async ({ home }) => {
    await untilCatalogueIs(home, fingerprint);
    return home;
  });
  expect(new Set(equal).size).toBe(2 * size);
}, 600_000);

it("every node refuses it to new installs, and names both records and the command that safely proceeds", async () => {
  // The harm: a build that does not look for conflicts installs one of the two, and nobody learns of the other.
  const weak = await startWeakened("no-conflicts", bootstrapTo(node(0, 3)));
  await untilCatalogueIs(weak.home, (await statusOf(node(0, 3).home)).catalogFingerprint);
  for (const { id } of liars) expect(sides).toContain((await install(weak.home, `${id}@1.1.0`, id)).says);
  await weak.stop();

  const refusals = await inParallel(all(), 3, ({ home }) =>
    Promise.all(
      liars.map(({ id }) => refusalOf(home, ["marketplace", "install", `${id}@1.1.0`, "--target", emptyFolder()])),
    ),
  );
  for (const [place, { id, publisher }] of liars.entries()) {
    const pairs = refusals.map((each) => each[place]?.data?.["operations"] as readonly string[]);
    expect(new Set(pairs.map(String)).size).toBe(1);
    expect(new Set(pairs[0])).toHaveProperty("size", 2);
    for (const each of refusals) {
      const command = `ggen marketplace install ${publisher}/${id}@1.0.0`;
      expect(each[place]).toMatchObject({ code: "package.conflict", exit: 5, got: pairs[0]?.join(" and ") });
      expect(commandsIn(each[place]?.hint ?? "")).toEqual([command]);
    }
    const target = emptyFolder();
    const [printed = ""] = commandsIn(refusals[0]?.[place]?.hint ?? "");
    const done = await runPrinted(node(1, 4).home, printed, {}, ["--target", target]);
    expect(done).toMatchObject({ code: 0 });
    expect(payloadOf(target, id)).toBe("genuine");
  }
}, 600_000);

it("a range that it is in passes it over, and says so; search does not show it", async () => {
  const { home } = node(0, 5);
  for (const { id } of liars) {
    const args = ["marketplace", "install", id, "--target", emptyFolder()];
    const { packages, warnings } = await answerOf<{ packages: { version: string }[]; warnings: string[] }>(home, args);
    expect(packages.map(({ version }) => version)).toEqual(["1.0.0"]);
    expect(warnings.join("\n")).toContain(`${id}@1.1.0 was passed over`);
    const found = await answerOf<{ results: { package: { version: string } }[] }>(home, ["marketplace", "search", id]);
    expect(found.results.map((row) => row.package.version)).toEqual(["1.0.0"]);
  }
});

it("lockfiles of either half keep working in the other, each with the content that it pins", async () => {
  for (const [half, side] of sides.entries()) {
    const reader = node(1 - half, -2);
    const cwd = emptyFolder();
    writeFileSync(join(cwd, "ggen.lock"), readFileSync(join(projects[half] ?? "", "ggen.lock")));
    writePackage(cwd, "io.example.project");
    const args = ["marketplace", "install", "--frozen-lockfile"];
    const { warnings } = await answerOf<{ warnings: readonly string[] }>(reader.home, args, { cwd });
    for (const { id } of liars) {
      expect(payloadOf(join(cwd, ".ggen/packages"), id)).toBe(side);
      expect(warnings.join("\n")).toContain(`${id}@1.1.0 is one of two contents`);
    }
  }
}, 120_000);

it("the pair is a proof that a machine checks which never met anybody, and a bent one is refused", async () => {
  const stranger = createHome();
  const file = join(emptyFolder(), "proof.json");
  for (const { id, publisher } of liars) {
    const shown = await ggen(node(1, 2).home, ["why", `${id}@1.1.0`, "--json"]);
    expect(shown.code).toBe(5);
    const { conflict } = shown.json() as { readonly conflict: Proof };
    const info = await answerOf<{ conflict: Proof }>(node(0, 2).home, ["marketplace", "info", `${id}@1.1.0`]);
    expect(info.conflict).toEqual(conflict);
    expect(conflict.publisher).toBe(publisher);
    writeFileSync(file, shown.stdout);
    const { proof } = await answerOf<{ proof: Omit<Proof, "records"> }>(stranger, ["why", "--proof", file]);
    const { kind, operations } = conflict;
    expect(proof).toEqual({ publisher, kind, operations });

    const last = Buffer.from(conflict.records.at(-1) ?? "", "base64");
    last[last.length - 9] = (last.at(-9) ?? 0) ^ 1;
    const bent = { ...conflict, records: [...conflict.records.slice(0, -1), last.toString("base64")] };
    const halved = { ...conflict, records: conflict.records.slice(0, -1) };
    for (const [change, code] of [
      [bent, "record.bad-signature"],
      [halved, "record.invalid"],
    ] as const) {
      writeFileSync(file, JSON.stringify({ conflict: change }));
      expect((await refusalOf(stranger, ["why", "--proof", file])).code).toBe(code);
    }
  }
});

it("a node that was restarted, alone, still refuses", async () => {
  const before = node(0, 6);
  await before.stop();
  const { home } = await startNode({ home: before.home });
  for (const { id } of liars) {
    const refused = await refusalOf(home, ["marketplace", "install", `${id}@1.1.0`, "--target", emptyFolder()]);
    expect(refused.code).toBe("package.conflict");
  }
});
