import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { connectControl, controlSocketPath } from "@ggen/p2p-control";
import type { NodeApi } from "@ggen/p2p-types";
import { createDisk, homeEnvironment, type NodeProcess, startNode } from "@ggen/testkit";

import { findLosses } from "./inspect.ts";
import { seededRandom } from "./random.ts";
import { createLedger, work } from "./workload.ts";

/** How the power is cut. */
export interface CutOptions {
  readonly cuts: number;
  /** Decides when; the same seed asks for the same moments, which the machine then meets as it can. */
  readonly seed: number;
  /** Added to the node's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends after the first loss. */
  readonly untilLoss?: boolean;
  /** Told of each cut. */
  readonly onCut?: (figures: CutFigures) => void;
}

/** What came of it. */
export interface CutFigures {
  readonly cuts: number;
  readonly publishes: number;
  readonly installs: number;
  /** What was acknowledged and lost, or is there and not whole; one line each. */
  readonly losses: readonly string[];
}

/** After so many cuts the disk is made anew, so that looking through all that was stored does not take ever longer. */
const cutsPerDisk = 10;
const diskMegabytes = 512;
const maxAcknowledged = 10;
const maxDelayMs = 100;
const quiet = "[network]\nmdns = false\n";

interface Session {
  readonly process: NodeProcess;
  readonly node: NodeApi;
}

async function open(home: string, env: Readonly<Record<string, string>>): Promise<Session> {
  const process = await startNode({ home, env, cwd: tmpdir() });
  const node = await connectControl(controlSocketPath(home, homeEnvironment(home)), { timeoutMs: 60_000 });
  return { process, node };
}

/**
 * Runs a node on a disk of its own, cuts its power while it publishes and installs, lets it come back, and compares what
 * is there with what it had acknowledged; again and again.
 * @throws Error when the node fails in another way than by the cut
 */
export async function cutPower({ cuts, seed, env = {}, untilLoss = false, onCut }: CutOptions): Promise<CutFigures> {
  const disk = createDisk(diskMegabytes);
  const scratch = mkdtempSync(join(tmpdir(), "gg-scratch-"));
  const random = seededRandom(seed);
  const home = join(disk.path, "home");
  const place = { target: join(home, "packages"), lockfile: join(home, "ggen.lock") };
  const losses: string[] = [];
  let done = 0;
  let ledger = createLedger();
  const total = { publishes: 0, installs: 0 };
  let session: Session | undefined;
  const figures = (): CutFigures => ({ cuts: done, ...total, losses });
  try {
    while (done < cuts && !(untilLoss && losses.length > 0)) {
      if (session === undefined) {
        if (done > 0) disk.format();
        ledger = createLedger();
        mkdirSync(join(home, "user"), { recursive: true });
        writeFileSync(join(home, "config.toml"), quiet);
        session = await open(home, env);
      }
      const before = { publishes: ledger.publishes, installs: ledger.installed };
      await cutOnce(session);
      done += 1;
      total.publishes += ledger.publishes - before.publishes;
      total.installs += ledger.installed - before.installs;
      disk.powerOn();
      session = await inspect();
      if (done % cutsPerDisk === 0 || losses.length > 0) session = await discard(session);
      onCut?.(figures());
    }
    return figures();
  } finally {
    await session?.process.kill();
    rmSync(scratch, { recursive: true, force: true });
  }

  async function cutOnce({ process, node }: Session): Promise<void> {
    const cut = await disk.armPowerCut();
    const enough = Promise.withResolvers<void>();
    let wanted = 1 + random(maxAcknowledged);
    const working = work(node, ledger, place, scratch, () => {
      wanted -= 1;
      if (wanted === 0) enough.resolve();
    });
    await Promise.race([
      enough.promise,
      working.then((errors) =>
        Promise.reject(new Error(`The node failed before the power did\n${process.output()}`, { cause: errors[0] })),
      ),
    ]);
    // Not a wait for something: the moment of the cut is what is random here.
    await new Promise((resolve) => setTimeout(resolve, random(maxDelayMs)));
    await cut();
    await process.kill();
    await working;
  }

  async function inspect(): Promise<Session | undefined> {
    try {
      const opened = await open(home, env);
      losses.push(...(await findLosses(opened.node, ledger, place)));
      return opened;
    } catch (error) {
      losses.push(`cut ${done}: the home does not open again: ${String(error)}`);
      return undefined;
    }
  }

  async function discard(opened: Session | undefined): Promise<undefined> {
    await opened?.process.kill();
    return undefined;
  }
}
