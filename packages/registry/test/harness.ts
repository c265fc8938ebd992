import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { defineConfig, type P2PConfigInput } from "@ggen/p2p-config";
import { afterEach } from "vitest";

import { P2PRegistry } from "../src/index.ts";

const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A new folder that goes with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ggen-reg-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A configuration that keeps a test on loopback: the only relaxations are the address and mDNS. */
export function loopback(input: P2PConfigInput = {}): P2PConfigInput {
  return {
    ...input,
    p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], ...input.p2p },
    network: { mdns: false, ...input.network },
  };
}

/** An opened registry in a home of its own, closed with the test. */
export async function openRegistry(input: P2PConfigInput = {}, home?: string): Promise<P2PRegistry> {
  const registry = await P2PRegistry.create(defineConfig(loopback(input)), { home: home ?? (await temporaryFolder()) });
  cleanups.push(() => registry.close());
  return registry;
}

/** A registry that runs. */
export async function startRegistry(input: P2PConfigInput = {}, home?: string): Promise<P2PRegistry> {
  const registry = await openRegistry(input, home);
  await registry.start();
  return registry;
}

/** Connects one registry to another and waits until both have compared their catalogues. */
export async function connect(from: P2PRegistry, to: P2PRegistry): Promise<void> {
  const report = await from.bootstrap({ addresses: to.addresses.slice(0, 1), timeoutMs: 10_000 });
  if (report.connectedPeers === 0) throw new Error(JSON.stringify(report));
  await until(() => from.ready() && to.ready());
}

/** Waits for a condition that no event tells of. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A package folder. */
export async function packageFolder(
  id: string,
  version = "1.0.0",
  files: Record<string, string> = { "templates/main.tmpl": `// ${id}\n` },
  extra = "",
): Promise<string> {
  const folder = await temporaryFolder();
  const manifest = `[gpack]\nid = "${id}"\nname = "Package ${id}"\nversion = "${version}"\ndescription = "About ${id}"\nlicense = "MIT"\n${extra}`;
  for (const [path, text] of Object.entries({ "gpack.toml": manifest, ...files })) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

/** Every file of a tree: path → content. */
export async function treeOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = await Promise.all(
    files.map(async (file) => [file.slice(folder.length + 1), await readFile(file, "base64")]),
  );
  return Object.fromEntries(pairs.toSorted(([a = ""], [b = ""]) => (a < b ? -1 : 1))) as Record<string, string>;
}
