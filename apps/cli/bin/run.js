#!/usr/bin/env node
// The entry of the built CLI. It must parse on any Node.js that people have, so that the old ones get one clear line.
import module from "node:module";

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 24 || (major === 24 && minor < 11)) {
  process.stderr.write(
    `ggen needs Node.js 24.11 or newer; this is ${process.versions.node}. Get it: https://nodejs.org\n`,
  );
  process.exitCode = 1;
} else {
  module.enableCompileCache();
  const { main } = await import("../dist/main.js");
  await main(process.argv.slice(2), { source: false });
}
