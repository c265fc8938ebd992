/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";

import { decodeOperation, encodeOperation, type Manifest } from "@ggen/p2p-types";

import { blockBytes, decodeHeader, encodeHeader, paddingOf } from "../../src/archive/header.ts";
import {
  compareVersions,
  formatLockfile,
  lintPackage,
  maxSatisfying,
  parseLockfile,
  parseManifest,
  parseRange,
} from "../../src/index.ts";
import { archives, checkArchive, mutateArchive, repairChecksums } from "./archives.ts";
import { formatStoredRecord, parseStoredRecord } from "../../src/install/install-record.ts";

const text = (input: Uint8Array): string => Buffer.from(input).toString("utf8");
const publisher = "ggen1onir4pg3ddbtsuwbzao623frybszz3icuf2kkyqqfhfvewcfr32q";
const cid = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const packageToml = (name: string): string =>
  `[gpack]\nid = "io.example.${name}"\nname = "A name"\nversion = "1.2.3"\ndescription = "What it does"\nlicense = "MIT"\n` +
  `category = "rust"\ntags = ["a", "b"]\nkeywords = ["c"]\nauthors = ["Ann <ann@example.org>"]\nggen_compat = ">=2.0.0"\n` +
  `\n[dependencies]\n"io.example.base" = "^1.0"\nother = { version = "1", optional = true }\n\n[templates]\npatterns = ["templates/**/*.tmpl"]\n`;
const manifests = [
  packageToml("a"),
  `[package]\nname = "io.example.b"\nversion = "0.1.0"\nauthor = "Ann"\ncategories = ["x", "y"]\n\n[dependencies]\nserde = "1"\n`,
  `[package]\nid = "c"\nname = "c"\nversion = "0.1.0-alpha.1"\n[dependencies]\nlist = ["a = 1", "b"]\n[files]\n"a.txt" = 1\n`,
];

const lockfile = formatLockfile({
  version: 1,
  packages: ["io.example.a", "io.example.b"].map((id) => ({
    id,
    publisher,
    version: "1.2.3-rc.1",
    cid,
    checksum: `sha256:${"0f".repeat(32)}`,
    dependencies: ["x", "y"],
  })),
});
const storedRecord = formatStoredRecord({
  record: {
    id: "io.example.a",
    name: "A",
    version: "1.0.0",
    publisher,
    cid,
    checksum: `sha256:${"0f".repeat(32)}`,
    size: 2048,
    dependencies: ["b"],
    installedAt: 1_700_000_000,
  },
  files: [{ path: "a/b.txt", size: 5, executable: false, sha256: "00".repeat(32) }],
});

/** A manifest must fit a record: what publish would sign is what every reader accepts. */
function checkManifest(manifest: Manifest, id: string, version: string): void {
  const operation = {
    v: 1,
    type: "release",
    time: 1,
    publisher,
    key: "00".repeat(32),
    seq: 1,
    prev: null,
    id,
    version,
    manifest,
    content: { cid, size: 1, sha256: "00".repeat(32) },
  } as const;
  let stored: unknown;
  try {
    stored = decodeOperation(encodeOperation(operation));
  } catch (cause) {
    throw new Error("a manifest that no record takes", { cause });
  }
  check(isDeepStrictEqual(stored, operation), "a manifest that a record changes");
}

const archiveSeeds = await archives();

export const targets = {
  archive: {
    kind: "bytes",
    seeds: archiveSeeds,
    words: [
      "../",
      "a/",
      "/",
      "\\",
      "ustar\u000000",
      "0000644",
      "0000755",
      "con",
      ".git",
      "#!",
      "00000000000",
      "77777777777",
    ],
    maxBytes: 64 * 1024,
    mutate: mutateArchive,
    repair: repairChecksums,
    run: (input: Uint8Array) => checkArchive(input, input.byteLength),
  },
  "archive of unknown size": {
    kind: "bytes",
    seeds: archiveSeeds,
    maxBytes: 64 * 1024,
    mutate: mutateArchive,
    repair: repairChecksums,
    run: (input: Uint8Array) => checkArchive(input, undefined),
  },
  "archive header": {
    kind: "bytes",
    seeds: archiveSeeds.map((archive) => archive.subarray(0, blockBytes)),
    words: ["\0", "0000644", "77777777777", "x".repeat(100)],
    maxBytes: blockBytes,
    repair: repairChecksums,
    run(input: Uint8Array) {
      const file = decodeHeader(Buffer.concat([input], blockBytes));
      if (file === undefined || file.path.length > 240) return false;
      check(file.size >= 0 && paddingOf(file.size) < blockBytes, `a size of ${file.size}`);
      try {
        check(
          isDeepStrictEqual(decodeHeader(encodeHeader(file)), file),
          "a header that reads differently when written again",
        );
      } catch (error) {
        if (error instanceof RangeError) return false;
        throw error;
      }
      return true;
    },
  },
  manifest: {
    kind: "text",
    seeds: [...manifests, ...realManifests()],
    words: [
      "[gpack]",
      "[package]",
      "[dependencies]",
      'version = "1.0.0"',
      "id = ",
      "name = ",
      "tags = [",
      "authors",
      "ggen_compat",
    ],
    maxBytes: 16 * 1024,
    run(input: Uint8Array) {
      const forms = ["gpack.toml", "package.toml"].flatMap((file) => {
        try {
          return [parseManifest(text(input), file)];
        } catch (error) {
          if (file === "package.toml") throw error;
          return [];
        }
      });
      for (const found of forms) {
        checkManifest(found.manifest, found.id, found.version);
        lintPackage(found, [{ path: "templates/a.tmpl", size: 1, executable: false }]);
      }
      return forms.map(({ form }) => form).join(" ");
    },
  },
  lockfile: {
    kind: "text",
    seeds: [lockfile, "version = 1\n"],
    words: ["[[package]]", "id = ", "publisher = ", "checksum = ", "dependencies = [", "version = 1", cid, publisher],
    run(input: Uint8Array) {
      const parsed = parseLockfile(text(input));
      const formatted = formatLockfile(parsed);
      check(
        isDeepStrictEqual(parseLockfile(formatted), parsed),
        "a lockfile that reads differently when written again",
      );
      check(formatLockfile(parseLockfile(formatted)) === formatted, "a lockfile with two texts");
      return parsed.packages.length.toString();
    },
  },
  "install record": {
    kind: "text",
    seeds: [storedRecord],
    words: ['"schema":1', '"files":[', '"path":"', '"size":', '"executable":true'],
    run(input: Uint8Array) {
      const stored = parseStoredRecord(text(input), "record.json");
      check(
        isDeepStrictEqual(parseStoredRecord(formatStoredRecord(stored), "record.json"), stored),
        "a record that changes",
      );
      return stored.files.length.toString();
    },
  },
  "version range": {
    kind: "text",
    seeds: ["^1.2.3", ">=1.0.0 <2.0.0 || 3.x", "1.2.3-beta.1 - 2", "~0.0.1", "*", ""],
    words: ["||", ">=", "<", "^", "~", " - ", "x", "1.2.3", "-0", "-a.b", "0.0.0"],
    maxBytes: 1000,
    run(input: Uint8Array) {
      const range = parseRange(text(input));
      const versions = ["0.0.0", "1.2.3", "1.2.3-beta.1", "2.0.0", "9007199254740991.0.0"];
      const best = maxSatisfying(versions, range.text);
      const good = versions.filter((version) => range.test(version));
      check((best === undefined) === (good.length === 0), "a range that takes and takes not");
      check(
        good.every((version) => compareVersions(version, best ?? "") <= 0),
        "a higher version than the highest",
      );
      return good.length.toString();
    },
  },
};

/** Manifests of the example packages in this repository. */
function realManifests(): string[] {
  const examples = new URL("../../../../examples/", import.meta.url);
  return readdirSync(examples, { recursive: true, encoding: "utf8" })
    .filter((path) => /(?:^|\/)(?:gpack|package)\.toml$/.test(path) && !path.includes("node_modules"))
    .sort()
    .slice(0, 20)
    .map((path) => readFileSync(new URL(path, examples), "utf8"));
}
