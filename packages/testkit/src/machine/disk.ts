import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { onCleanUp, track } from "../fleet/processes.ts";

const timeoutMs = 20_000;
const pollMs = 5;

/** A file system of its own: an ext4 image in a file, mounted. */
export interface Disk {
  /** Absolute path of the folder where it is mounted; stays the same over {@link powerOn} and {@link format}. */
  readonly path: string;
  /**
   * Gets everything ready for a power cut, so that it takes no longer than a system call when it comes.
   * @returns cuts the power: what is not on the disk by then is lost, and every call to the file system fails
   */
  armPowerCut(): Promise<() => Promise<void>>;
  /**
   * Mounts it again after a power cut, which replays its journal. No process may use it.
   * @param copy - absolute path that gets the image as the cut left it, for a look at it later
   */
  powerOn(copy?: string): void;
  /** Makes it empty. No process may use it. */
  format(): void;
}

function run(file: string, ...args: readonly string[]): string {
  return execFileSync(file, args, { timeout: timeoutMs, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

/**
 * Waits until a file system is gone with its loop device. Unmounting does not do that yet where a process with mount
 * points of its own is just ending: the kernel lets go of its copies later, on a busy machine much later. Until then the
 * next mount would join the file system that was shut down, or one whose image was made anew.
 */
function awaitDetached(image: string): void {
  const attempts = timeoutMs / pollMs;
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    if (run("losetup", "--associated", image) === "") return;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
  throw new Error(`${image} is still in use: ${run("losetup", "--associated", image)}`);
}

/**
 * Makes a disk; it is unmounted and removed after the test file. Needs the capability `loop-mounts`.
 * @param megabytes - its size, 4 or more
 */
export function createDisk(megabytes: number): Disk {
  const folder = mkdtempSync(join(tmpdir(), "gg-disk-"));
  const image = join(folder, "image");
  const path = join(folder, "d");
  writeFileSync(image, "");
  truncateSync(image, megabytes * 1024 * 1024);
  mkdirSync(path);
  // A process with mount points of its own ("ip netns exec") gets copies of these: shared, so that unmounting here unmounts
  // there too. A copy that stayed would keep the file system that was shut down, and the next mount would join it.
  run("mount", "--bind", folder, folder);
  run("mount", "--make-shared", folder);
  const mount = (): void => void run("mount", "-o", "loop", image, path);
  const unmount = (): void => {
    run("umount", path);
    awaitDetached(image);
  };
  const format = (): void => void run("mkfs.ext4", "-q", "-F", "-m", "0", image);
  onCleanUp(() => {
    try {
      // Lazily: whatever still uses it must not keep it for ever.
      run("umount", "--lazy", path);
      run("umount", "--lazy", folder);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  format();
  mount();
  return {
    path,
    async armPowerCut() {
      const helper = spawn("python3", [join(import.meta.dirname, "cut-power.py"), path], {
        stdio: ["pipe", "pipe", "inherit"],
      });
      track(helper);
      const exit = once(helper, "exit") as Promise<[number | null]>;
      await Promise.race([
        once(helper.stdout, "data"),
        exit.then(([code]) => Promise.reject(new Error(`The helper that cuts the power ended with ${code}`))),
      ]);
      return async () => {
        helper.stdin.end("cut\n");
        const [code] = await exit;
        if (code !== 0) throw new Error(`The power could not be cut: exit status ${code}`);
      };
    },
    powerOn(copy) {
      unmount();
      if (copy !== undefined) run("cp", "--sparse=always", image, copy);
      mount();
    },
    format() {
      unmount();
      format();
      mount();
    },
  };
}
