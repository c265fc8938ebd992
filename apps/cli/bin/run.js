#!/usr/bin/env node
// The entry of the built CLI. It must parse on any Node.js that people have, so that the old ones get one clear line.
import { lstatSync, mkdirSync } from "node:fs";
import module from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 11)) {
  process.stderr.write(
    `ggen needs Node.js 24.11 or newer; this is ${process.versions.node}. Get it: https://nodejs.org\n`,
  );
  process.exitCode = 1;
} else {
  const folder = compileCacheFolder();
  if (folder !== undefined) module.enableCompileCache(folder);
  const { main } = await import("../dist/main.js");
  await main(process.argv.slice(2), { source: false });
}

/**
 * Where Node.js keeps compiled code between runs. Its own default is below the shared temporary folder, where another user
 * of the machine could put code for this one to run: only a folder that nobody else may write is used.
 */
function compileCacheFolder() {
  const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "ggen", "compiled");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const { mode, uid } = lstatSync(folder);
    const own = process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
    return own ? folder : undefined;
  } catch {
    return undefined;
  }
}
