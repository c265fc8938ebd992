import { execFileSync } from "node:child_process";
import { readdir, rename, stat, truncate, utimes } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import {
  installArchive,
  type LockedPackage,
  type Lockfile,
  readLockfile,
  recoverInstalls,
  removeInstalled,
  stageLockfile,
  writeLockfile,
} from "../../src/index.ts";
import { versionArchive } from "../install/version-archive.ts";
import { temporaryFolder } from "../support/temporary.ts";

const id = "io.example.pkg";

interface Place {
  readonly target: string;
  readonly lockfile: string;
}

async function place(): Promise<Place> {
  const root = await temporaryFolder();
  return { target: join(root, "packages"), lockfile: join(root, "ggen.lock") };
}

async function install({ target }: Place, version: string, of = id): Promise<LockedPackage> {
  const { archive, record } = await versionArchive(of, version);
  await installArchive({ archive: () => archive.read(), target, record });
  const { publisher, cid, checksum } = record;
  return { id: of, publisher, version, cid, checksum, dependencies: [] };
}

const locked = (...packages: LockedPackage[]): Lockfile => ({ version: 1, packages });

/** The process id of a process that is gone. */
function deadPid(): number {
  return Number(execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }));
}

/** Leaves a staged lockfile as a process that was killed would. */
async function leave({ target, lockfile }: Place, lock: Lockfile): Promise<string> {
  await stageLockfile(lockfile, lock, target);
  const folder = join(lockfile, "..");
  const staged = (await readdir(folder)).find((name) => name.includes(`-${process.pid}-`)) ?? "";
  const left = join(folder, staged.replace(`-${process.pid}-`, `-${deadPid()}-`));
  await rename(join(folder, staged), left);
  return left;
}

const namesBeside = async ({ lockfile }: Place): Promise<readonly string[]> =>
  (await readdir(join(lockfile, ".."))).filter((name) => name !== "packages");

describe("a lockfile that was written ahead", () => {
  it("counts after a kill for what was installed, and not for what was not", async () => {
    const at = await place();
    const old = await install(at, "1.0.0");
    const other = await install(at, "1.0.0", "io.example.other");
    await writeLockfile(at.lockfile, locked(old, other));
    const never: LockedPackage = { ...other, version: "2.0.0", checksum: `sha256:${"0".repeat(64)}` };
    const now = await install(at, "1.1.0");
    await leave(at, locked(now, never));
    await recoverInstalls(at.target, at.lockfile);
    expect((await readLockfile(at.lockfile))?.packages).toEqual([other, now].sort((a, b) => (a.id < b.id ? -1 : 1)));
    expect(await namesBeside(at)).toEqual(["ggen.lock"]);
  });

  it("counts for a removal that happened", async () => {
    const at = await place();
    const old = await install(at, "1.0.0");
    await writeLockfile(at.lockfile, locked(old));
    await leave(at, locked());
    await recoverInstalls(at.target, at.lockfile);
    expect((await readLockfile(at.lockfile))?.packages).toEqual([old]);
    await leave(at, locked());
    await removeInstalled(at.target, id);
    await recoverInstalls(at.target, at.lockfile);
    expect((await readLockfile(at.lockfile))?.packages).toEqual([]);
  });

  it("counts for nothing once the lockfile is newer", async () => {
    const at = await place();
    const now = await install(at, "1.1.0");
    const left = await leave(at, locked(now));
    await writeLockfile(at.lockfile, locked());
    const { mtimeMs } = await stat(left);
    await utimes(at.lockfile, mtimeMs / 1000 + 5, mtimeMs / 1000 + 5);
    await recoverInstalls(at.target, at.lockfile);
    expect((await readLockfile(at.lockfile))?.packages).toEqual([]);
    expect(await namesBeside(at)).toEqual(["ggen.lock"]);
  });

  it("is left alone while its process runs", async () => {
    const at = await place();
    const now = await install(at, "1.1.0");
    await using ahead = await stageLockfile(at.lockfile, locked(now), at.target);
    await recoverInstalls(at.target, at.lockfile);
    expect(await readLockfile(at.lockfile)).toBeUndefined();
    expect(await namesBeside(at)).toHaveLength(1);
    await ahead.commit();
    expect((await readLockfile(at.lockfile))?.packages).toEqual([now]);
    expect(await namesBeside(at)).toEqual(["ggen.lock"]);
  });

  it("counts for what was changed when the change fails half-way", async () => {
    const at = await place();
    const now = await install(at, "1.1.0");
    const never: LockedPackage = { ...now, id: "io.example.never" };
    {
      await using _ = await stageLockfile(at.lockfile, locked(now, never), at.target);
    }
    expect((await readLockfile(at.lockfile))?.packages).toEqual([now]);
    expect(await namesBeside(at)).toEqual(["ggen.lock"]);
  });

  it("that was cut off changes nothing and goes", async () => {
    const at = await place();
    const now = await install(at, "1.1.0");
    await truncate(await leave(at, locked(now)), 300);
    await recoverInstalls(at.target, at.lockfile);
    expect(await namesBeside(at)).toEqual([]);
  });

  it("that another machine wrote is left to it", async () => {
    const at = await place();
    const now = await install(at, "1.1.0");
    const left = await leave(at, locked(now));
    await rename(left, join(left, "..", "ggen.lock.another-machine-1-00000000.tmp"));
    await recoverInstalls(at.target, at.lockfile);
    expect(await namesBeside(at)).toEqual(["ggen.lock.another-machine-1-00000000.tmp"]);
  });
});
