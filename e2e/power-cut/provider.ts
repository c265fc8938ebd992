import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connectControl, controlSocketPath } from "@ggen/p2p-control";
import type { NodeApi } from "@ggen/p2p-types";
import { createHome, homeEnvironment, startNode } from "@ggen/testkit";

import { type Attempt, nameOf, writeRelease } from "./releases.ts";

/** A node whose power is never cut, with releases for the other one to fetch. */
export interface Provider {
  readonly publisher: string;
  /** In the order in which they are to be installed; of one id, each is newer than those before. */
  readonly releases: readonly Attempt[];
  readonly addresses: readonly string[];
  /** Has it do nothing, as if the network were gone: nothing that it knows or has comes from it. */
  hold(): void;
  /** Lets it go on. */
  release(): void;
  kill(): Promise<void>;
}

const ids = Array.from({ length: 4 }, (_, at) => `io.example.fetched-${at}`);
/** From one chunk to more than the store keeps before it commits (16 MiB). Coprime to the ids: each gets every size. */
const dataBytes = [
  4_000, 1_300_000, 300_000, 3_200_000, 4_000, 1_700_000, 700_000, 13_500_000, 4_000, 2_400_000, 100_000,
];

/** It does not hear of what the other one publishes, which would come back from it, or be too late to count. */
const config = '[network]\nmdns = false\n[p2p]\npackages_topic = "/ggen/packages/elsewhere"\n';

/**
 * Starts it.
 * @param count - how many releases it has
 */
export async function startProvider(count: number): Promise<Provider> {
  const home = createHome({ config });
  const process_ = await startNode({ home, cwd: tmpdir() });
  const node = await connectControl(controlSocketPath(home, homeEnvironment(home)), { timeoutMs: 60_000 });
  const scratch = mkdtempSync(join(tmpdir(), "gg-scratch-"));
  try {
    const releases: Attempt[] = [];
    let publisher = "";
    for (let at = 0; at < count; at += 1) {
      const published = await publish(node, at, scratch);
      publisher = published.publisher;
      releases.push(published.release);
    }
    return {
      publisher,
      releases,
      addresses: process_.addresses,
      hold: () => void process.kill(process_.pid, "SIGSTOP"),
      release: () => void process.kill(process_.pid, "SIGCONT"),
      kill: () => process_.kill(),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function publish(
  node: NodeApi,
  at: number,
  scratch: string,
): Promise<{ readonly publisher: string; readonly release: Attempt }> {
  const release = { id: ids[at % ids.length] ?? "", version: `1.0.${at}` };
  const path = join(scratch, nameOf(release));
  mkdirSync(path);
  const attempt = writeRelease(path, release, dataBytes[at % dataBytes.length] ?? 0);
  const { publisher, checksum } = await node.publish({ path });
  rmSync(path, { recursive: true, force: true });
  return { publisher, release: { ...attempt, checksum } };
}
