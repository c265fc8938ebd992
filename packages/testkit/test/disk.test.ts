import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createDisk, needs } from "../src/index.ts";

describe.runIf(needs("loop-mounts"))("a disk", () => {
  it("forgets what was not synced when its power is cut, and can be written again", async () => {
    const disk = createDisk(16);
    const file = join(disk.path, "file");
    writeFileSync(file, "kept", { flush: true });
    const cut = await disk.armPowerCut();
    writeFileSync(join(disk.path, "late"), "lost");
    await cut();
    expect(() => writeFileSync(join(disk.path, "later"), "refused")).toThrow("EIO");
    disk.powerOn();
    expect(readFileSync(file, "utf8")).toBe("kept");
    expect(() => readFileSync(join(disk.path, "late"))).toThrow("ENOENT");
    writeFileSync(file, "written again", { flush: true });
  });

  it("is not mounted again before the file system that was shut down is gone", async () => {
    const disk = createDisk(16);
    const cut = await disk.armPowerCut();
    // Its copies of the mount points hear of no unmounting, and go when it ends.
    const holder = spawn("unshare", ["--mount", "--propagation", "private", "sh", "-c", "echo ready; exec sleep 1"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const gone = once(holder, "exit");
    await once(holder.stdout, "data");
    await cut();
    disk.powerOn();
    const file = join(disk.path, "file");
    writeFileSync(file, "written", { flush: true });
    expect(readFileSync(file, "utf8")).toBe("written");
    await gone;
  });
});
