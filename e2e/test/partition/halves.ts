import { cpSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, type NodeProcess, startNode } from "@ggen/testkit";

import { publish } from "../attacks/support/attacked.ts";
import { answerOf } from "../support/catalogue.ts";
import { inParallel } from "../support/in-parallel.ts";

/** Nodes started at once: on two cores more would only wait for each other. */
const atOnce = 3;

/**
 * Starts nodes that are one network: each knows the one before the half of its place, so that news takes several steps.
 * @param homes - the first is known to nobody before it starts
 */
export async function startHalf(homes: readonly string[]): Promise<readonly NodeProcess[]> {
  const [first = "", ...others] = homes;
  const nodes: NodeProcess[] = [await startNode({ home: first })];
  while (nodes.length < homes.length) {
    const known = nodes.length;
    const next = others.slice(known - 1, known - 1 + Math.min(known, atOnce));
    const started = await inParallel(
      next.map((home, n) => ({ home, above: nodes[Math.floor((known + n - 1) / 2)] })),
      atOnce,
      ({ home, above }) => startNode({ home, args: ["--bootstrap", above?.addresses[0] ?? ""] }),
    );
    nodes.push(...started);
  }
  return nodes;
}

/**
 * A copy of a home on another machine: the same publisher, another node.
 * @param except - names of folders that are left out
 */
export function copyHome(home: string, except: readonly string[] = []): string {
  const copy = createHome();
  const own = new Set(["identity.key", "ports.json", "peers.db", "lock.db", "user", "logs", "run", ...except]);
  for (const name of readdirSync(home)) {
    if ([...own].some((each) => name.startsWith(each))) continue;
    cpSync(join(home, name), join(copy, name), { recursive: true });
  }
  return copy;
}

/** Two homes that both may sign for one publisher, who has released 1.0.0 of a package. */
export interface TwoFaced {
  readonly publisher: string;
  readonly id: string;
  readonly homes: readonly [string, string];
}

/** A publisher who copied its home, so that both sign with one key. */
export async function copiedHome(id: string): Promise<TwoFaced> {
  const home = createHome();
  const { publisher } = await publish(home, id, "1.0.0", "genuine");
  return { publisher, id, homes: [home, copyHome(home)] };
}

/** A publisher who granted keys to two machines. */
export async function twoKeys(id: string): Promise<TwoFaced> {
  const home = createHome();
  const made = await answerOf<{ publisher: string; recoveryWords: string }>(home, ["publisher", "init"]);
  await publish(home, id, "1.0.0", "genuine");
  const words = join(home, "user", "words");
  writeFileSync(words, made.recoveryWords);
  const other = copyHome(home, ["keys"]);
  const request = ["publisher", "grant", "--new", "--request", "--publisher", made.publisher];
  const { key } = await answerOf<{ key: string }>(other, request);
  await answerOf(home, ["publisher", "grant", key, "--words-file", words]);
  for (const name of ["catalog.db", "catalog.db-wal", "catalog.db-shm"]) {
    rmSync(join(other, name), { force: true });
  }
  cpSync(join(home, "catalog.db"), join(other, "catalog.db"));
  return { publisher: made.publisher, id, homes: [home, other] };
}
