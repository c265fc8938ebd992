import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isGgenError } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { lintPackage, parseManifest, readManifest } from "../../src/index.ts";
import { temporaryFolder } from "../support/temporary.ts";

const minimal = '[gpack]\nid = "io.example.my-package"\nname = "My Package"\nversion = "1.0.0"\n';
const legacy = '[package]\nname = "old"\nversion = "1.0.0"\n';

describe("[gpack] in gpack.toml", () => {
  it("is read as the documents write it", () => {
    const text = `${minimal}description = "Example package"\nlicense = "MIT"\nggen_compat = ">=2.4.0"\n`;
    expect(parseManifest(text, "/somewhere/gpack.toml")).toEqual({
      id: "io.example.my-package",
      version: "1.0.0",
      form: "gpack",
      file: "gpack.toml",
      references: [],
      manifest: {
        title: "My Package",
        description: "Example package",
        license: "MIT",
        ggenCompat: ">=2.4.0",
        tags: [],
        keywords: [],
        authors: [],
        dependencies: {},
        requires: [],
      },
    });
  });

  it("keeps the optional fields", () => {
    const text = `${minimal}category = "rust"\ntags = ["a", "a", " ", "b"]\nkeywords = ["k"]\nauthors = ["A", "B"]
homepage = "https://example.org"\nrepository = "https://example.org/r"\n
[dependencies]\n"io.example.other" = "^1.2"\n"nick/third" = ""\n[templates]\npatterns = ["*.tmpl"]\n`;
    const { manifest, references } = parseManifest(text, "gpack.toml");
    expect(manifest).toMatchObject({
      category: "rust",
      tags: ["a", "b"],
      keywords: ["k"],
      authors: ["A", "B"],
      homepage: "https://example.org",
      repository: "https://example.org/r",
      dependencies: { "io.example.other": "^1.2", "nick/third": "*" },
    });
    expect(references).toEqual([{ section: "templates", pattern: "*.tmpl" }]);
  });

  it("wins over [package] in the same file", () => {
    expect(parseManifest(`${legacy}${minimal}`, "gpack.toml").form).toBe("gpack");
  });

  it.each([
    ["no id", '[gpack]\nname = "x"\nversion = "1.0.0"', "id"],
    ["an id that is none", '[gpack]\nid = "a b"\nversion = "1.0.0"', "id"],
    ["a device as id", '[gpack]\nid = "con"\nversion = "1.0.0"', "id"],
    ["no version", '[gpack]\nid = "x"', "version"],
    ["a version that is none", '[gpack]\nid = "x"\nversion = "1.0"', "version"],
    ["build metadata", '[gpack]\nid = "x"\nversion = "1.0.0+1"', "version"],
    ["a number as version", '[gpack]\nid = "x"\nversion = 1.0', "version"],
    ["a range that is none", `${minimal}ggen_compat = "newest"`, "ggen_compat"],
    ["a long description", `${minimal}description = "${"d".repeat(2001)}"`, "description"],
    ["a long tag", `${minimal}tags = ["${"t".repeat(101)}"]`, "tags[0]"],
    ["too many tags", `${minimal}tags = [${Array.from({ length: 65 }, (_, i) => `"t${i}"`).join()}]`, "tags"],
    ["tags that are no list", `${minimal}tags = 7`, "tags"],
    ["an escape sequence", `${minimal}description = "\\u001b[2J"`, "description"],
    ["a dependency without range", `${minimal}[dependencies]\nx = { path = ".." }`, '[dependencies] "x"'],
    ["a dependency with a bad range", `${minimal}[dependencies]\nx = "soon"`, '[dependencies] "x"'],
    ["a dependency with a bad name", `${minimal}[dependencies]\n"a/b/c" = "1"`, '[dependencies] "a/b/c"'],
    ["a dependency twice", `${minimal}[dependencies]\nX = "1"\nx = "1"`, '[dependencies] "x"'],
    ["dependencies that are no table", `dependencies = 3\n${minimal}`, "[dependencies]"],
    ["a byte order mark", `${minimal}description = "\ufeffa"`, "description"],
  ])("is refused by field: %s", (_, text, field) => {
    const expected = expect.objectContaining({
      code: "manifest.invalid",
      data: { file: "gpack.toml", field },
    }) as Error;
    expect(() => parseManifest(text, "gpack.toml")).toThrow(expected);
  });

  it("names field, limit and length of a text that is too long", () => {
    expect(() => parseManifest(`${minimal}license = "${"x".repeat(201)}"`, "gpack.toml")).toThrow(
      "gpack.toml: [gpack] license is not valid: expected 0-200 characters, got 201 characters",
    );
  });
});

describe("[package]", () => {
  it("takes id or name, category or the first of categories, author or authors", () => {
    const one = parseManifest(`${legacy}author = "A"\ncategories = ["x", "y"]`, "package.toml");
    expect(one).toMatchObject({
      id: "old",
      form: "package",
      manifest: { title: "old", category: "x", authors: ["A"] },
    });
    const two = parseManifest(`${legacy}id = "io.old"\nauthors = ["A", "B"]\ncategory = "z"`, "gpack.toml");
    expect(two).toMatchObject({ id: "io.old", form: "gpack-package", manifest: { title: "old", category: "z" } });
    expect(two.manifest.authors).toEqual(["A", "B"]);
  });

  it("takes tags and keywords from arrays and from tables that hold one", () => {
    const text = `${legacy}keywords = ["k"]\n[package.tags]\ntags = ["a", "b"]\n`;
    expect(parseManifest(text, "package.toml").manifest).toMatchObject({ tags: ["a", "b"], keywords: ["k"] });
  });

  it("keeps what it calls dependencies as text", () => {
    const text = `${legacy}dependencies = ["crate >= 1"]\n[dependencies]\nserde = { version = "1.0", features = ["derive"] }
tokio = "1.35"\nlocal = { path = "../x" }\n`;
    const { manifest } = parseManifest(text, "package.toml");
    expect(manifest.requires).toEqual(["crate >= 1", "serde 1.0", "tokio 1.35", "local"]);
    expect(manifest.dependencies).toEqual({});
  });

  it("is refused without an id that can be one", () => {
    const text = '[package]\nname = "Two Words"\nversion = "1.0.0"';
    expect(() => parseManifest(text, "package.toml")).toThrow(/\[package\] name is not valid/);
    expect(() => parseManifest(minimal, "package.toml")).toThrow(/has no table \[package\]/);
  });
});

describe("any text", () => {
  it("is a manifest or manifest.invalid", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom("[gpack]", "[package]", "[dependencies]", "tags = [", "__proto__ = 1"),
    );
    const value = fc.oneof(fc.string(), fc.integer(), fc.constant([]), fc.constant({ a: ["b"] }));
    const pair = fc.tuple(fc.constantFrom("id", "name", "version", "tags", "authors", "dependencies"), value);
    const field = pair.map(([key, of]) => `${key} = ${JSON.stringify(of)}`);
    fc.assert(
      fc.property(fc.array(fc.oneof(line, field), { maxLength: 8 }), (lines) => {
        try {
          parseManifest(lines.join("\n"), "gpack.toml");
        } catch (error) {
          expect(isGgenError(error, "manifest.invalid")).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("may not reach into prototypes, nest without end or be without end", () => {
    for (const text of ["[gpack.__proto__]\nx = 1", `a = ${"[".repeat(5000)}`, `# ${"x".repeat(1 << 20)}`]) {
      expect(() => parseManifest(text, "gpack.toml")).toThrow(
        expect.objectContaining({ code: "manifest.invalid" }) as Error,
      );
    }
  });
});

describe("the manifest of a folder", () => {
  it("is gpack.toml before package.toml", async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, "package.toml"), legacy);
    expect((await readManifest(root)).id).toBe("old");
    await writeFile(join(root, "gpack.toml"), minimal);
    expect((await readManifest(root)).id).toBe("io.example.my-package");
  });

  it("is missing in an empty folder, in none, and in a file", async () => {
    const root = await temporaryFolder();
    await writeFile(join(root, "file"), "");
    for (const path of [root, join(root, "none"), join(root, "file")]) {
      await expect(readManifest(path)).rejects.toMatchObject({ code: "manifest.missing" });
    }
  });

  it("is not read when it is larger than 1 MiB, a folder, a link, or not UTF-8", async () => {
    const root = await temporaryFolder();
    const path = join(root, "gpack.toml");
    await writeFile(path, "");
    await truncate(path, (1 << 20) + 1);
    await expect(readManifest(root)).rejects.toMatchObject({
      code: "manifest.invalid",
      expected: "at most 1048576 bytes",
    });
    await writeFile(path, Buffer.concat([Buffer.from('[gpack]\nid = "'), Buffer.from([0xff])]));
    await expect(readManifest(root)).rejects.toMatchObject({ code: "manifest.invalid", data: { line: 2, column: 7 } });
    const [linked, folder] = [await temporaryFolder(), await temporaryFolder()];
    await symlink(path, join(linked, "gpack.toml"));
    await expect(readManifest(linked)).rejects.toMatchObject({ code: "archive.unsupported-entry" });
    await mkdir(join(folder, "gpack.toml"));
    await expect(readManifest(folder)).rejects.toMatchObject({ code: "archive.unsupported-entry" });
  });
});

describe("the pre-flight check", () => {
  const manifest = parseManifest(`${minimal}[templates]\npatterns = ["t/*.tmpl"]\n`, "gpack.toml");
  const file = (path: string) => ({ path, size: 1, executable: false });

  it("warns of files that are named and missing, and of what nobody can find or use", () => {
    const { errors, warnings } = lintPackage(manifest, [file("gpack.toml")]);
    expect(errors).toEqual([]);
    expect(warnings).toEqual([
      "The manifest has no description: searches find it by its id only",
      "The manifest names no license",
      "[templates] names t/*.tmpl, and the package has no such file",
    ]);
    expect(lintPackage(manifest, [file("gpack.toml"), file("t/a.tmpl")]).warnings).toHaveLength(2);
  });

  it("stops a package without its manifest, and secrets", () => {
    const { errors } = lintPackage(manifest, [
      file(".env"),
      file("a/id_ed25519"),
      file(".env.example"),
      file("t/a.tmpl"),
    ]);
    expect(errors).toHaveLength(3);
  });
});

describe("a folder without manifest", () => {
  it("that does not exist, or is a file, is said to be so", async () => {
    const folder = await temporaryFolder();
    const file = join(folder, "gpack.toml");
    await expect(readManifest(folder)).rejects.toMatchObject({ code: "manifest.missing", got: "neither" });
    await writeFile(file, minimal);
    await expect(readManifest(file)).rejects.toMatchObject({ code: "manifest.missing", got: "a file" });
    await expect(readManifest(join(folder, "no"))).rejects.toMatchObject({
      message: `${join(folder, "no")} does not exist`,
    });
  });
});
