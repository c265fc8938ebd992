import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import {
  installArchive,
  type InstallRecord,
  listInstalled,
  packFiles,
  readLockfile,
  writeLockfile,
} from "@ggen/p2p-gpack";
import { GgenError, type NodeApi, type PackageInfo } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { removePackage } from "../../src/install/remove.ts";
import { resolveTarget } from "../../src/install/target.ts";
import { findUpgrades, selectInstalled } from "../../src/install/upgrades.ts";
import { createFolder } from "../support/ggen.ts";

const publisher = `ggen1${"a".repeat(52)}`;

async function install(
  target: string,
  id: string,
  version: string,
  dependencies: readonly string[] = [],
): Promise<void> {
  const packed = packFiles({ "gpack.toml": `# ${id} ${version}\n` }, { maxBytes: 1 << 20 });
  const hash = createHash("sha256");
  for await (const piece of packed.read()) hash.update(piece);
  const record: InstallRecord = {
    id,
    name: id,
    version,
    publisher,
    cid: "bafkreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy",
    checksum: `sha256:${hash.digest("hex")}`,
    size: packed.size,
    dependencies: [...dependencies],
    installedAt: 1,
  };
  await installArchive({ archive: () => packed.read(), target, record });
}

describe("resolveTarget", () => {
  it("is the project's folder with its lockfile, wherever inside the project", async () => {
    const folder = await createFolder();
    const deep = join(folder, "project", "a", "b");
    await mkdir(deep, { recursive: true });
    await writeFile(join(folder, "project", "ggen.toml"), "");
    const env = { GGEN_HOME: join(folder, "home") };
    const project = { target: join(folder, "project/.ggen/packages"), lockfile: join(folder, "project/ggen.lock") };
    expect(await resolveTarget({ env, cwd: deep })).toEqual(project);
    expect(await resolveTarget({ env, cwd: deep, global: true })).toEqual({ target: join(folder, "home/packages") });
    expect(await resolveTarget({ env, cwd: deep, target: "x" })).toEqual({ ...project, target: join(deep, "x") });
  });

  it("is global where there is no project; the user's own ~/.ggen makes none", async () => {
    const folder = await createFolder();
    const home = join(folder, ".ggen");
    await mkdir(join(folder, "work"), { recursive: true });
    await mkdir(home);
    const cwd = join(folder, "work");
    expect(await resolveTarget({ env: { GGEN_HOME: home }, cwd })).toEqual({ target: join(home, "packages") });
  });
});

describe("installed packages", () => {
  it("are selected by id without case, publisher prefix and range", async () => {
    const target = await createFolder();
    await install(target, "io.Example.A", "1.2.0");
    const entries = await listInstalled(target);
    for (const ref of [undefined, "io.example.a", "ggen1aaa/io.example.a", "io.example.a@^1.0.0"]) {
      expect(selectInstalled(entries, ref)).toHaveLength(1);
    }
    for (const ref of ["io.example.b", "ggen1bbb/io.example.a", "io.example.a@^2.0.0"]) {
      expect(() => selectInstalled(entries, ref)).toThrow(expect.objectContaining({ code: "package.not-installed" }));
    }
  });

  it("are outdated by newer stable versions of the same publisher only", async () => {
    const target = await createFolder();
    await install(target, "a", "1.0.0");
    await install(target, "b", "1.0.0");
    await install(target, "c", "1.0.0-beta.1");
    await install(target, "d", "1.0.0");
    const other = `ggen1${"b".repeat(52)}`;
    const version = (text: string, of = publisher, yanked = false): PackageInfo["versions"][number] => ({
      version: text,
      publisher: of,
      yanked,
    });
    const versions: Readonly<Record<string, PackageInfo["versions"]>> = {
      a: [
        version("1.0.0"),
        version("1.9.0"),
        version("1.10.0"),
        version("2.0.0-rc.1"),
        version("3.0.0", publisher, true),
      ],
      b: [version("1.0.0"), version("2.0.0", other)],
      c: [version("1.0.0-beta.1"), version("1.0.0-beta.2")],
    };
    const asked: string[] = [];
    const api = {
      info: ({ ref }: { readonly ref: string }) => {
        asked.push(ref);
        const id = ref.split("/")[1] ?? "";
        const found = versions[id];
        return found === undefined
          ? Promise.reject(new GgenError("package.not-found", `${id} is unknown`))
          : Promise.resolve({ id, versions: found });
      },
    } as unknown as NodeApi;
    const upgrades = await findUpgrades(api, await listInstalled(target), new AbortController().signal);
    expect(asked[0]).toBe(`${publisher}/a`);
    expect(upgrades.map(({ id, latest, outdated }) => [id, latest, outdated])).toEqual([
      ["a", "1.10.0", true],
      ["b", "1.0.0", false],
      ["c", "1.0.0-beta.2", true],
      ["d", undefined, false],
    ]);
    expect(upgrades[3]?.error?.code).toBe("package.not-found");
  });

  it("are removed with their lock entry, and who needs them is named", async () => {
    const folder = await createFolder();
    const target = join(folder, "packages");
    const lockfile = join(folder, "ggen.lock");
    await mkdir(target);
    await install(target, "a", "1.0.0", ["B"]);
    await install(target, "b", "1.0.0");
    const packages = (await listInstalled(target)).map(({ record }) => ({
      id: record.id,
      publisher,
      version: record.version,
      cid: record.cid,
      checksum: record.checksum,
      dependencies: record.dependencies,
    }));
    await writeLockfile(lockfile, { version: 1, packages });
    const place = { target, lockfile };
    expect(await removePackage(place, "b", true)).toMatchObject({ id: "b", neededBy: ["a"], dryRun: true });
    expect(await listInstalled(target)).toHaveLength(2);
    await removePackage(place, "B@1", false);
    expect((await listInstalled(target)).map(({ record }) => record.id)).toEqual(["a"]);
    expect((await readLockfile(lockfile))?.packages.map(({ id }) => id)).toEqual(["a"]);
    await expect(removePackage(place, "b", false)).rejects.toMatchObject({ code: "package.not-installed" });
  });
});
