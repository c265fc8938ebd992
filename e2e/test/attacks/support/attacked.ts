import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, type NodeProcess, type RunResult, startNode } from "@ggen/testkit";
import { vi } from "vitest";

import type { Plan } from "../../../hostile/author.ts";
import { answerOf, type Installed, type SearchRow, statusOf } from "../../support/catalogue.ts";
import { type HostilePeer, startHostile } from "../../support/hostile.ts";
import { writePackage } from "../../support/packages.ts";
import { emptyFolder } from "../../support/places.ts";

/** What `publish --json` says, as far as these tests read it. */
export type Published = SearchRow["package"];

/** Starts a node that knows these. */
export function startAmong(...peers: readonly NodeProcess[]): Promise<NodeProcess> {
  const args = peers.flatMap(({ addresses }) => ["--bootstrap", addresses[0] ?? ""]);
  return startNode({ home: createHome(), args });
}

/** The command line that makes a new node know these. */
export function bootstrapTo(...peers: readonly NodeProcess[]): string[] {
  return peers.flatMap(({ addresses }) => ["--bootstrap", addresses[0] ?? ""]);
}

/**
 * Publishes a package whose one file says `text`.
 * @param manifest - added to its manifest
 * @param flags - added to the command line
 */
export function publish(
  home: string,
  id: string,
  version: string,
  text: string,
  manifest = "",
  flags: readonly string[] = [],
): Promise<Published> {
  const folder = emptyFolder();
  writePackage(folder, id, { version, files: { "payload.txt": text } });
  if (manifest !== "") {
    const path = join(folder, "gpack.toml");
    writePackage(folder, id, { version, files: { "gpack.toml": `${readFileSync(path, "utf8")}${manifest}` } });
  }
  return answerOf(home, ["marketplace", "publish", folder, ...flags]);
}

/** What a package's one file says where it was installed; undefined where it was not. */
export function payloadOf(target: string, id: string): string | undefined {
  const path = join(target, id, "payload.txt");
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Installs into a folder of its own. @returns the version that was chosen and what its file says */
export async function install(
  home: string,
  ref: string,
  id: string = ref,
): Promise<{ readonly version: string | undefined; readonly says: string | undefined }> {
  const target = emptyFolder();
  const { packages } = await answerOf<Installed>(home, ["marketplace", "install", ref, "--target", target]);
  return { version: packages.find((each) => each.id === id)?.version, says: payloadOf(target, id) };
}

/** Versions that a node would show of a package; none when it does not know it. */
export async function versionsOf(home: string, id: string): Promise<readonly string[]> {
  const result = await ggen(home, ["marketplace", "info", id, "--json"]);
  if (result.code !== 0) return [];
  const { versions } = result.json() as { readonly versions: readonly { readonly version: string }[] };
  return versions.map(({ version }) => version);
}

/** Waits until nodes have one catalogue. */
export async function untilEqual(...nodes: readonly { readonly home: string }[]): Promise<void> {
  await vi.waitUntil(
    async () => {
      const all = await Promise.all(nodes.map(({ home }) => statusOf(home)));
      const isSynced = all.every(({ sync }) => sync.state === "synced" || nodes.length === 1);
      return isSynced && new Set(all.map(({ catalogFingerprint }) => catalogFingerprint)).size === 1;
    },
    { timeout: 45_000, interval: 100 },
  );
}

/** Starts an author, and waits until it knows its victims' records. */
export async function startAuthor(plan: Plan): Promise<HostilePeer> {
  const author = startHostile("author.ts", [JSON.stringify(plan)]);
  await author.event("introduced");
  return author;
}

/** The one signing key file of a home: what a thief takes. */
export function keyFileOf(home: string): string {
  const keys = readdirSync(join(home, "keys"), { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".key"),
  );
  if (keys.length !== 1) throw new Error(`${keys.length} keys`);
  return join(home, "keys", keys[0] ?? "");
}

/** The commands that a hint prints, as people would type them. */
export function commandsIn(hint: string): string[] {
  return [...hint.matchAll(/\bggen (?:marketplace|publisher|cache|config|doctor|why)[^\n,:;()]*[^\n,:;(). ]/g)].map(
    ([command]) => command,
  );
}

/** Runs a printed command. @param replace - what stands for its upper-case words, e.g. `{ MULTIADDR: "/ip4/…" }` */
export function runPrinted(
  home: string,
  command: string,
  replace: Readonly<Record<string, string>> = {},
  more: readonly string[] = [],
): Promise<RunResult> {
  const [, ...words] = command.split(" ");
  return ggen(home, [...words.map((word) => replace[word] ?? word), ...more]);
}
