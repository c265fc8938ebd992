import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { createHome, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";

import { answerOf, type Installed, refusalOf, statusOf, untilCatalogueIs } from "./support/catalogue.ts";
import { expectedTree } from "./support/package-tree.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";

const id = "io.example.pinned";
const locked = writePackage(emptyFolder(), id, { version: "1.0.0", files: { "a.txt": "the locked one\n" } });
let publisherNode: NodeProcess;
let published: Installed["packages"][number];
/** What the project's lockfile said before anything newer appeared. */
let text: string;
/** A user who locked, and one who gets the project from version control and never chose. */
let author: NodeProcess;
let reader: NodeProcess;
let cwd: string;

beforeAll(async () => {
  publisherNode = await startNode({ home: createHome() });
  published = await answerOf(publisherNode.home, ["marketplace", "publish", locked]);
  author = await startNode({ home: createHome(), args: ["--bootstrap", publisherNode.addresses[0] ?? ""] });
  await untilCatalogueIs(author.home, (await statusOf(publisherNode.home)).catalogFingerprint);
  const project = writePackage(emptyFolder(), "io.example.project");
  await answerOf(author.home, ["marketplace", "install", id], { cwd: project });
  text = await readFile(join(project, "ggen.lock"), "utf8");

  // A newer version, and another publisher with a newer one still.
  const newer = writePackage(emptyFolder(), id, { version: "1.1.0", files: { "a.txt": "newer\n" } });
  await answerOf(publisherNode.home, ["marketplace", "publish", newer]);
  const rival = await startNode({ home: createHome(), args: ["--bootstrap", publisherNode.addresses[0] ?? ""] });
  const claim = writePackage(emptyFolder(), id, { version: "9.0.0", files: { "a.txt": "somebody else's\n" } });
  await answerOf(rival.home, ["marketplace", "publish", claim]);
  const { catalogFingerprint } = await statusOf(rival.home);
  await untilCatalogueIs(publisherNode.home, catalogFingerprint);
  await untilCatalogueIs(author.home, catalogFingerprint);
  reader = await startNode({ home: createHome(), args: ["--bootstrap", publisherNode.addresses[0] ?? ""] });
  await untilCatalogueIs(reader.home, catalogFingerprint);
});

/** A fresh checkout of the project, with the lockfile as it was committed. */
beforeEach(async () => {
  cwd = writePackage(emptyFolder(), "io.example.project");
  await writeFile(join(cwd, "ggen.lock"), text);
});
const lockfile = (): Promise<string> => readFile(join(cwd, "ggen.lock"), "utf8");
const install = (home: string, ...args: readonly string[]): Promise<Installed> =>
  answerOf(home, ["marketplace", "install", ...args], { cwd });

it("pins publisher, version, CID and digest", () => {
  for (const field of ["publisher", "version", "cid", "checksum"] as const) {
    expect(text).toContain(`${field} = "${published[field]}"`);
  }
});

describe("a newer version and a second claimant later", () => {
  it.for([
    ["by its id", [id]],
    ["by its id, frozen", [id, "--frozen-lockfile"]],
    ["all of the lockfile", ["--frozen-lockfile"]],
  ] as const)("installing %s takes exactly what is locked, also for one who never chose", async ([, args]) => {
    // The harm: where nothing is locked, it is something else.
    cwd = writePackage(emptyFolder(), "io.example.project");
    expect(await install(author.home, id)).toMatchObject({ packages: [{ version: "1.1.0" }] });
    for (const { home } of [author, reader]) {
      cwd = writePackage(emptyFolder(), "io.example.project");
      await writeFile(join(cwd, "ggen.lock"), text);
      const { packages } = await install(home, ...args);
      const { publisher, version, cid, checksum } = published;
      expect(packages).toMatchObject([{ id, publisher, version, cid, checksum }]);
      expect(await treeFiles(join(cwd, ".ggen/packages", id))).toEqual(await expectedTree(locked));
      expect(await lockfile()).toBe(text);
    }
  });

  it("a version that is named replaces the locked one, of the same publisher", async () => {
    const { packages } = await install(reader.home, `${id}@1.1.0`);
    expect(packages).toMatchObject([{ version: "1.1.0", publisher: published.publisher }]);
    expect(await lockfile()).toContain('version = "1.1.0"');
  });
});

describe("--frozen-lockfile", () => {
  it.for([
    ["another version", [`${id}@1.1.0`], "lockfile.frozen"],
    ["a package that is not in it", ["io.example.unlocked"], "lockfile.frozen"],
  ] as const)("refuses %s, and leaves everything as it was", async ([, args, code]) => {
    if (args[0] === "io.example.unlocked") {
      await answerOf(publisherNode.home, [
        "marketplace",
        "publish",
        writePackage(emptyFolder(), "io.example.unlocked"),
      ]);
      await untilCatalogueIs(reader.home, (await statusOf(publisherNode.home)).catalogFingerprint);
    }
    const refusal = await refusalOf(reader.home, ["marketplace", "install", ...args, "--frozen-lockfile"], { cwd });
    expect(refusal).toMatchObject({ code, exit: 5 });
    expect(await lockfile()).toBe(text);
    expect(existsSync(join(cwd, ".ggen"))).toBe(false);
  });
});

it.for([
  ["digest", /(checksum = "sha256:)[0-9a-f]{8}/, "$100000000"],
  ["CID", /(cid = "bafkrei)[a-z2-7]{8}/, "$1aaaaaaaa"],
  ["version", /(version = ")1\.0\.0/, "$11.0.9"],
] as const)("a lockfile with another %s is refused, and nothing is installed", async ([, pattern, replacement]) => {
  const changed = text.replace(pattern, replacement);
  expect(changed).not.toBe(text);
  await writeFile(join(cwd, "ggen.lock"), changed);
  for (const args of [[id], ["--frozen-lockfile"], [id, "--frozen-lockfile"]]) {
    const refusal = await refusalOf(reader.home, ["marketplace", "install", ...args], { cwd });
    expect(refusal).toMatchObject({ code: "lockfile.invalid", exit: 2 });
  }
  expect(await lockfile()).toBe(changed);
  expect(existsSync(join(cwd, ".ggen"))).toBe(false);
});
