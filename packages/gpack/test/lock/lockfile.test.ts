import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isGgenError, toPublisherId } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  findProjectRoot,
  formatLockfile,
  type LockedPackage,
  type Lockfile,
  parseLockfile,
  readLockfile,
  writeLockfile,
} from "../../src/index.ts";
import { temporaryFolder } from "../support/temporary.ts";

const publisher = toPublisherId("11".repeat(32));
const entry = (id: string, version = "1.0.0"): LockedPackage => ({
  id,
  publisher,
  version,
  cid: `bafkrei${"a".repeat(52)}`,
  checksum: `sha256:${"0".repeat(64)}`,
  dependencies: ["z.last", "A.first"],
});

describe("ggen.lock", () => {
  it("is the same text whatever the order, and is read as it was written", () => {
    const text = formatLockfile({ version: 1, packages: [entry("b"), entry("A"), entry("c.d")] });
    expect(text).toBe(formatLockfile({ version: 1, packages: [entry("c.d"), entry("b"), entry("A")] }));
    const lock = parseLockfile(text);
    expect(lock.packages.map(({ id }) => id)).toEqual(["A", "b", "c.d"]);
    expect(lock.packages[0]?.dependencies).toEqual(["A.first", "z.last"]);
    expect(formatLockfile(lock)).toBe(text);
  });

  it("reads well", () => {
    expect(formatLockfile({ version: 1, packages: [entry("io.example.x")] })).toBe(
      `# Written by ggen: the exact packages of this project. Keep it in version control, do not edit it.
version = 1

[[package]]
id = "io.example.x"
publisher = "${publisher}"
version = "1.0.0"
cid = "bafkrei${"a".repeat(52)}"
checksum = "sha256:${"0".repeat(64)}"
dependencies = ["A.first", "z.last"]
`,
    );
  });

  it("may be empty", () => {
    expect(parseLockfile(formatLockfile({ version: 1, packages: [] }))).toEqual({ version: 1, packages: [] });
  });

  const good = formatLockfile({ version: 1, packages: [entry("a")] });
  it.each([
    ["not TOML", "version = "],
    ["no version", good.replace("version = 1\n", "")],
    ["a newer version", good.replace("version = 1\n", "version = 2\n")],
    ["an unknown field", `extra = 1\n${good}`],
    ["an unknown field of a package", `${good}size = 3\n`],
    ["an id twice", `${good}${good.slice(good.indexOf("[["))}`.replace('id = "a"', 'id = "A"')],
    ["a publisher that is none", good.replace(publisher, "ggen1xyz")],
    ["a version that is none", good.replace('"1.0.0"', '"^1.0.0"')],
    ["a CID that is none", good.replace("bafkrei", "../../x")],
    ["a checksum that is none", good.replace("sha256:", "md5:")],
    ["a dependency that is none", good.replace("A.first", "../x")],
    ["a merge conflict", `<<<<<<< ours\n${good}`],
    ["a package that is no table", "version = 1\npackage = [1]\n"],
    ["more than 4 MiB", `#${"x".repeat(4 << 20)}`],
  ])("is refused: %s", (_, text) => {
    expect(() => parseLockfile(text)).toThrow(expect.objectContaining({ code: "lockfile.invalid" }) as Error);
  });

  const lines = (changes: Readonly<Record<string, string>>): string =>
    `version = 1\n[[package]]\n${Object.entries({
      id: '"a"',
      publisher: `"${publisher}"`,
      version: '"1.0.0"',
      cid: `"bafkrei${"a".repeat(52)}"`,
      checksum: `"sha256:${"0".repeat(64)}"`,
      dependencies: "[]",
      ...changes,
    })
      .map(([name, value]) => `${name} = ${value}\n`)
      .join("")}`;
  it.each([
    ["cid", `"x/bafkrei${"a".repeat(52)}"`],
    ["cid", `"bafkrei${"a".repeat(52)}/../x"`],
    ["checksum", `"xsha256:${"0".repeat(64)}"`],
    ["checksum", `"sha256:${"0".repeat(65)}"`],
    ["id", "1"],
    ["id", "2000-01-01"],
    ["version", "1.5"],
    ["publisher", "[]"],
    ["dependencies", '"b"'],
    ["dependencies", "{ b = 1 }"],
    ["dependencies", "[1]"],
    ["dependencies", `[${Array.from({ length: 1001 }, (_, at) => `"d${at}"`).join()}]`],
  ])("is refused by field, and the field is named: %s = %s", (field, value) => {
    expect(parseLockfile(lines({})).packages).toHaveLength(1);
    expect(() => parseLockfile(lines({ [field]: value }))).toThrow(
      expect.objectContaining({
        code: "lockfile.invalid",
        data: { file: "ggen.lock", field: `package 1 ${field}` },
      }) as Error,
    );
  });

  it("takes as many packages and dependencies as it says, and not one more", () => {
    const ids = (count: number): string[] => Array.from({ length: count }, (_, at) => `p${at}`);
    const most = { ...entry("a"), dependencies: ids(1000) };
    expect(parseLockfile(formatLockfile({ version: 1, packages: [most] })).packages[0]?.dependencies).toHaveLength(
      1000,
    );
    const small = (id: string): LockedPackage => ({ ...entry(id), dependencies: [] });
    expect(formatLockfile({ version: 1, packages: ids(10_000).map(small) })).toContain('id = "p9999"');
    expect(() => formatLockfile({ version: 1, packages: ids(10_001).map(small) })).toThrow(
      expect.objectContaining({ data: { file: "ggen.lock", field: "package" } }) as Error,
    );
  });

  it.each(["package = 1\n", '[package]\nid = "a"\n', 'package = "a"\n'])(
    "is refused when its packages are no list: %s",
    (packages) => {
      expect(() => parseLockfile(`version = 1\n${packages}`)).toThrow(
        expect.objectContaining({ data: { file: "ggen.lock", field: "package" } }) as Error,
      );
    },
  );

  it("of a newer ggen says so, and only that", () => {
    const hintOf = (version: string): string | undefined => {
      try {
        parseLockfile(`version = ${version}\n`);
      } catch (error) {
        return isGgenError(error) ? error.hint : undefined;
      }
      return undefined;
    };
    expect(hintOf("2")).toContain("newer ggen");
    for (const version of ["0", "-1", '"2"', "[2]"]) expect(hintOf(version)).not.toContain("newer ggen");
  });

  it("names the package that is wrong by its place, and the id that is there twice", () => {
    expect(() => parseLockfile("version = 1\npackage = [1]\n")).toThrow(
      expect.objectContaining({ data: { file: "ggen.lock", field: "package 1" } }) as Error,
    );
    expect(() => formatLockfile({ version: 1, packages: [entry("a"), entry("b"), entry("B")] })).toThrow(
      /each id once/,
    );
  });

  it("is refused or canonical after one character changed", () => {
    fc.assert(
      fc.property(fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        const place = at % good.length;
        try {
          const lock = parseLockfile(good.slice(0, place) + character + good.slice(place + 1));
          expect(parseLockfile(formatLockfile(lock))).toEqual(lock);
        } catch (error) {
          if (!isGgenError(error, "lockfile.invalid")) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  it("is not written when it would not be read", () => {
    const wrong: Lockfile = { version: 1, packages: [{ ...entry("a"), cid: 'x"\ny = "1' }] };
    expect(() => formatLockfile(wrong)).toThrow(expect.objectContaining({ code: "lockfile.invalid" }) as Error);
  });

  it("is written in one step, and leaves nothing beside it", async () => {
    const root = await temporaryFolder();
    const path = join(root, "ggen.lock");
    expect(await readLockfile(path)).toBeUndefined();
    await Promise.all(
      ["1.0.0", "1.0.1", "1.0.2"].map((v) => writeLockfile(path, { version: 1, packages: [entry("a", v)] })),
    );
    expect(await readdir(root)).toEqual(["ggen.lock"]);
    expect(parseLockfile(await readFile(path, "utf8")).packages).toHaveLength(1);
  });

  it("is neither followed as a link nor read as a folder", async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, "real"), good);
    await symlink("real", join(root, "link"));
    await mkdir(join(root, "folder"));
    for (const name of ["link", "folder"]) {
      await expect(readLockfile(join(root, name))).rejects.toMatchObject({ code: "lockfile.invalid" });
    }
    await expect(writeLockfile(join(root, "none", "ggen.lock"), { version: 1, packages: [] })).rejects.toMatchObject({
      code: "storage.failed",
    });
  });
});

describe("the project's root", () => {
  it.each(["ggen.lock", "ggen.toml", "gpack.toml"])("is the nearest folder upwards with %s", async (marker) => {
    const root = await temporaryFolder();
    await mkdir(join(root, "a", "b", "c"), { recursive: true });
    await writeFile(join(root, marker), "");
    expect(await findProjectRoot(join(root, "a", "b", "c"))).toBe(root);
    await writeFile(join(root, "a", "b", marker), "");
    expect(await findProjectRoot(join(root, "a", "b", "c"))).toBe(join(root, "a", "b"));
  });

  it("is a folder with .ggen, unless that is the ggen home", async () => {
    const root = await temporaryFolder();
    const project = join(root, "work", "project");
    await mkdir(join(project, ".ggen", "packages"), { recursive: true });
    await mkdir(join(root, ".ggen", "packages"), { recursive: true });
    expect(await findProjectRoot(project)).toBe(project);
    expect(await findProjectRoot(join(root, "work"))).toBe(root);
    expect(await findProjectRoot(join(root, "work"), { home: join(root, ".ggen") })).not.toBe(root);
    await writeFile(join(root, ".ggen", "identity.key"), "");
    expect(await findProjectRoot(join(root, "work"))).not.toBe(root);
  });

  it("is nothing where there is none", async () => {
    expect(await findProjectRoot("/")).toBeUndefined();
  });
});
