import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a probe found: a path or version when the capability is there, else an error saying why it is not. */
export type Probe = () => string;

const timeoutMs = 10_000;

function run(file: string, args: readonly string[]): string {
  return execFileSync(file, args, { timeout: timeoutMs, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** Debian's browser, or the one that `GGEN_CHROMIUM` names. */
export function chromium(): string {
  const path = process.env["GGEN_CHROMIUM"] ?? "/usr/bin/chromium";
  if (!existsSync(path)) throw new Error(`no ${path}`);
  return path;
}

/** Makes a network namespace, runs in it, and removes it. */
export function networkNamespaces(): string {
  const name = `ggen-probe-${process.pid}`;
  run("ip", ["netns", "add", name]);
  try {
    run("ip", ["netns", "exec", name, "ip", "link", "set", "lo", "up"]);
  } finally {
    run("ip", ["netns", "del", name]);
  }
  return "ip netns";
}

/** Traces the system calls of a process that does nothing. */
export function strace(): string {
  run("strace", ["-f", "-e", "trace=fsync", "-o", "/dev/null", "true"]);
  return run("strace", ["-V"]).split("\n", 1)[0] ?? "strace";
}

/** Makes a small ext4 file system in a file, mounts it and unmounts it. */
export function loopMounts(): string {
  const folder = mkdtempSync(join(tmpdir(), "gg-loop-"));
  const image = join(folder, "image");
  const target = join(folder, "mount");
  try {
    writeFileSync(image, "");
    truncateSync(image, 4 * 1024 * 1024);
    mkdirSync(target);
    run("mkfs.ext4", ["-q", image]);
    run("mount", ["-o", "loop", image, target]);
    run("umount", [target]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return "mount -o loop";
}

/** The folder of real packages: `GGEN_CORPUS`, else `shared/corpus` next to the checkout. */
export function corpus(): string {
  const path = process.env["GGEN_CORPUS"] ?? join(import.meta.dirname, "../../../../../shared/corpus");
  if (!existsSync(join(path, "packages"))) throw new Error(`no ${path}/packages`);
  return path;
}
