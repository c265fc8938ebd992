import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

import { cliEntry, createDisk, createHome, homeEnvironment, needs } from "@ggen/testkit";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { manifest } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { seededBytes } from "./support/random-files.ts";

const run = promisify(execFile);

/** Names whose order differs from locale to locale, with case, and with what `/` counts for. */
const files: readonly (readonly [string, string | Buffer])[] = [
  ["gpack.toml", manifest("io.example.same")],
  ...["B.txt", "a.txt", "_c.txt", "Y/a", "z-a", "z/a", "z.a", "i.txt", "I2.txt", "10.txt", "9.txt"].map(
    (path): [string, string] => [path, `this is ${path}\n`],
  ),
  ["bin/run", "#!/bin/sh\nexit 0\n"],
  ["data/large.bin", seededBytes("digest", 1_300_000)],
  ["data/empty", ""],
];

/** What must not count. */
interface Circumstances {
  readonly env?: Readonly<Record<string, string>>;
  /** As `umask` takes it; for the files as they are made and for whoever packs them. */
  readonly umask?: string;
  readonly order?: readonly (readonly [string, string | Buffer])[];
  /** Of every file, in seconds since 1970. */
  readonly modified?: number;
  /** Where the folder is, instead of the temporary folder. */
  readonly parent?: string;
  /** What runs ggen, instead of this Node.js. */
  readonly node?: string;
}

function writeFiles({ order = files, umask = "022", modified, parent = emptyFolder() }: Circumstances): string {
  const folder = mkdtempSync(join(parent, "same-"));
  const mode = 0o777 & ~Number.parseInt(umask, 8);
  for (const [path, content] of order) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true, mode });
    writeFileSync(file, content);
    chmodSync(file, mode);
    if (modified !== undefined) utimesSync(file, modified, modified);
  }
  return folder;
}

/** The digests that publishing the same files gives: of the archive, and of its tree. */
async function digestsOf(circumstances: Circumstances): Promise<{ readonly checksum: string; readonly cid: string }> {
  const { env = {}, umask = "022", node = process.execPath } = circumstances;
  const home = createHome();
  const command = ["-c", 'umask "$0"; exec "$@"', umask, node, cliEntry(), "marketplace", "publish"];
  const { stdout } = await run("sh", [...command, writeFiles(circumstances), "--json"], {
    env: homeEnvironment(home, env),
  });
  const { checksum, cid } = JSON.parse(stdout) as { checksum: string; cid: string };
  return { checksum, cid };
}

async function tarDigest(circumstances: Circumstances): Promise<string> {
  const folder = writeFiles(circumstances);
  const { stdout } = await run("tar", ["-czf", "-", "-C", folder, "."], { encoding: "buffer", maxBuffer: 16 << 20 });
  return createHash("sha256").update(stdout).digest("hex");
}

const cases: Readonly<Record<string, Circumstances>> = {
  "a locale that sorts otherwise": { env: { LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8", LC_COLLATE: "tr_TR.UTF-8" } },
  "another language of ICU": { env: { LANG: "lt-LT", LC_ALL: "lt-LT", NODE_ICU_DATA: "/nowhere" } },
  "the C locale": { env: { LANG: "C", LC_ALL: "C" } },
  "a umask that lets nobody read": { umask: "077" },
  "a umask that lets everybody write": { umask: "000" },
  "files made in another order": { order: files.toReversed() },
  "files as old as time": { modified: 0 },
  "files of a time to come": { modified: 4_000_000_000, env: { TZ: "Pacific/Kiritimati" } },
  "another time zone": { env: { TZ: "America/St_Johns" } },
};
/** Other versions of Node.js, as paths separated by colons. */
const others = (process.env["GGEN_TEST_NODES"] ?? "").split(":").filter((path) => path !== "");

// The homes are on their own, so each publish is by another publisher: the digests must not depend on that either.
describe("the digest of a folder", () => {
  it("differs from time to time, and with the umask, when tar makes the archive", async () => {
    const first = await tarDigest({ modified: 1_700_000_000 });
    expect(await tarDigest({ modified: 1_700_000_001 })).not.toBe(first);
    expect(await tarDigest({ modified: 1_700_000_000, umask: "077" })).not.toBe(first);
  });

  let plain: { readonly checksum: string; readonly cid: string };
  beforeAll(async () => {
    plain = await digestsOf({});
  });

  it.each(Object.keys(cases))("is the same with %s", async (name) => {
    expect(await digestsOf(cases[name] ?? {})).toEqual(plain);
  });

  it.each(others)("is the same with %s", async (node) => {
    expect(await digestsOf({ node })).toEqual(plain);
  });

  it.runIf(needs("loop-mounts"))("is the same on another file system", async () => {
    const disk = createDisk(16);
    const folder = join(disk.path, "folder");
    mkdirSync(folder);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expect(await digestsOf({ parent: folder })).toEqual(plain);
  });

  it("differs with a byte, a name, and what makes a file a program", async () => {
    const changes: readonly (readonly [string, string])[] = [
      ["a.txt", "this is a.txt\r\n"],
      ["a2.txt", "one more\n"],
      ["bin/run", "# !/bin/sh\nexit 0\n"],
    ];
    for (const change of changes) expect(await digestsOf({ order: [...files, change] })).not.toEqual(plain);
  });
});
