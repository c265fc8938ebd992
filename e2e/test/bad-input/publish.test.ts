import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, treeFiles } from "@ggen/testkit";
import { beforeAll, describe, expect, it } from "vitest";

import { faultsOf, giveAway, hasUnprivileged, runFailing } from "../support/failures.ts";
import { manifest, writePackage } from "../support/packages.ts";

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
describe("publishing", () => {
  let home: string;
  let folder: string;
  beforeAll(async () => {
    home = createHome({ config: `[network]\nmdns = false\n[cache]\nmax_package_mb = 1\n` });
    folder = join(home, "packages");
    mkdirSync(folder);
    await ggen(home, ["publisher", "init"]);
  });
  const publish = (...args: readonly string[]): readonly string[] => ["marketplace", "publish", ...args];

  it.each([
    { title: "a folder that does not exist", path: "nowhere", code: "manifest.missing", says: ["nowhere", /exist/] },
    { title: "a folder without manifest", path: ".", code: "manifest.missing", says: ["gpack.toml"] },
    { title: "a manifest as the folder", path: "file.toml", code: "manifest.missing", says: ["file.toml", /folder/] },
  ])("refuses $title", async ({ path, code, says }) => {
    const empty = join(folder, "empty");
    mkdirSync(empty, { recursive: true });
    writeFileSync(join(empty, "file.toml"), manifest("io.example.file"));
    expect(await faultsOf(home, { args: publish(path), cwd: empty, code, says })).toEqual([]);
  });

  it.each([
    {
      title: "that is not TOML",
      text: '[gpack]\nid = "io.example.x"\nversion = 1.0.0\n',
      says: [/line 3, column \d+/],
    },
    { title: "without id", text: '[gpack]\nversion = "1.0.0"\n', says: ["id"] },
    { title: "without version", text: '[gpack]\nid = "io.example.x"\n', says: ["version"] },
    { title: "with a version that is none", text: manifest("io.example.x", "1.0"), says: ["version", /1\.2\.3/] },
    { title: "with an id that is none", text: manifest("io example x"), says: ["io example x"] },
    {
      title: "with a range that is none",
      text: `${manifest("io.example.x")}[dependencies]\n"a.b" = "newest"\n`,
      says: ["newest"],
    },
  ])("refuses a manifest $title", async ({ title, text, says }) => {
    const path = join(folder, title.replaceAll(" ", "-"));
    mkdirSync(path);
    writeFileSync(join(path, "gpack.toml"), text);
    expect(await faultsOf(home, { args: publish(path), code: "manifest.invalid", says: [path, ...says] })).toEqual([]);
  });

  it("refuses links and pipes, and names them", async () => {
    const path = writePackage(join(folder, "special"), "io.example.special");
    symlinkSync("/etc/passwd", join(path, "link"));
    const code = "archive.unsupported-entry";
    expect(await faultsOf(home, { args: publish(path), code, says: ["link", /ggenignore/] })).toEqual([]);
    const piped = writePackage(join(folder, "piped"), "io.example.piped");
    spawnSync("mkfifo", [join(piped, "pipe")]);
    expect(await faultsOf(home, { args: publish(piped), code, says: ["pipe", /ggenignore/] })).toEqual([]);
  });

  it("refuses a package over the cap, and says both sizes", async () => {
    const path = writePackage(join(folder, "large"), "io.example.large");
    writeFileSync(join(path, "data"), Buffer.alloc(2_000_000, 1));
    expect(
      await faultsOf(home, {
        args: publish(path),
        code: "archive.too-large",
        says: ["cache.max_package_mb", /1000000 bytes/],
      }),
    ).toEqual([]);
  });

  it("refuses versions that are none, and the same version with other content", async () => {
    const path = writePackage(join(folder, "versions"), "io.example.versions");
    expect(
      await faultsOf(home, { args: publish(path, "--version", "one"), code: "version.invalid", says: ["one"] }),
    ).toEqual([]);
    expect(
      await faultsOf(home, {
        args: publish(path, "--version", "1.0.0+5"),
        code: "version.invalid",
        says: ["build"],
      }),
    ).toEqual([]);
    expect((await ggen(home, publish(path))).code).toBe(0);
    writeFileSync(join(path, "more"), "more\n");
    expect(await faultsOf(home, { args: publish(path), code: "publish.immutable", says: ["1.0.0"] })).toEqual([]);
  });

  it.runIf(hasUnprivileged)("refuses what it may not read", async () => {
    const own = createHome();
    const path = writePackage(join(own, "secret"), "io.example.secret", { files: { "deep/key": "key\n" } });
    giveAway(own, path, join(path, "gpack.toml"), join(path, "deep"), join(own, "config.toml"));
    const as = { unprivileged: true, code: "archive.unreadable" };
    chmodSync(join(path, "deep/key"), 0o600);
    await runFailing(own, ["publisher", "init"], { unprivileged: true });
    expect(await faultsOf(own, { ...as, args: publish(path), says: ["deep/key"] })).toEqual([]);
    chownSync(join(path, "deep"), process.getuid?.() ?? 0, 0);
    chmodSync(join(path, "deep"), 0o700);
    expect(await faultsOf(own, { ...as, args: publish(path), says: ["deep"] })).toEqual([]);
  });

  it("left nothing but what was published", async () => {
    const all = (await ggen(home, ["marketplace", "search", "", "--json"])).json();
    expect(all).toMatchObject({ total: 1, results: [{ package: { id: "io.example.versions" } }] });
    expect(await treeFiles(join(home, "store/tmp"))).toEqual({});
  });
});
