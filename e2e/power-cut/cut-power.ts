import { closeSync, fsyncSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

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
  /** A folder that gets, for each cut that lost something, the disk as the cut left it, and what was known then. */
  readonly keep?: string;
  /** Told of each cut. */
  readonly onCut?: (figures: CutFigures) => void;
}

/** What came of it. */
export interface CutFigures {
  readonly cuts: number;
  readonly publishes: number;
  readonly installs: number;
  /** Answers that came when the power was being cut or out: they do not count, whatever became of what they say. */
  readonly late: number;
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

/**
 * Makes a home in which a node keeps to itself, durably: one that lost its configuration with the power would look for
 * others on this machine, and take what another rig published for what it had.
 */
function prepareHome(home: string): void {
  mkdirSync(join(home, "user"), { recursive: true });
  writeFileSync(join(home, "config.toml"), quiet, { flush: true });
  for (const folder of [home, dirname(home)]) {
    const descriptor = openSync(folder, "r");
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
}

async function open(home: string, env: Readonly<Record<string, string>>): Promise<Session> {
  if (readFileSync(join(home, "config.toml"), "utf8") !== quiet) throw new Error("The configuration was lost");
  const process = await startNode({ home, env, cwd: tmpdir() });
  const node = await connectControl(controlSocketPath(home, homeEnvironment(home)), { timeoutMs: 60_000 });
  return { process, node };
}

/**
 * Runs a node on a disk of its own, cuts its power while it publishes and installs, lets it come back, and compares what
 * is there with what it had acknowledged; again and again.
 * @throws Error when the node fails in another way than by the cut
 */
export async function cutPower({
  cuts,
  seed,
  env = {},
  untilLoss = false,
  keep,
  onCut,
}: CutOptions): Promise<CutFigures> {
  const disk = createDisk(diskMegabytes);
  const scratch = mkdtempSync(join(tmpdir(), "gg-scratch-"));
  const random = seededRandom(seed);
  const home = join(disk.path, "home");
  const place = { target: join(home, "packages"), lockfile: join(home, "ggen.lock") };
  const losses: string[] = [];
  let done = 0;
  let ledger = createLedger();
  const total = { publishes: 0, installs: 0, late: 0 };
  let session: Session | undefined;
  const figures = (): CutFigures => ({ cuts: done, ...total, losses });
  try {
    while (done < cuts && !(untilLoss && losses.length > 0)) {
      if (session === undefined) {
        if (done > 0) disk.format();
        ledger = createLedger();
        prepareHome(home);
        session = await open(home, env);
      }
      const before = { publishes: ledger.publishes, installs: ledger.installed };
      await cutOnce(session);
      done += 1;
      total.publishes += ledger.publishes - before.publishes;
      total.installs += ledger.installed - before.installs;
      const image = keep === undefined ? undefined : join(keep, `cut-${done}.img`);
      disk.powerOn(image);
      const lostBefore = losses.length;
      session = await inspect();
      if (image !== undefined) keepState(image, losses.slice(lostBefore));
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
    let wanted = random(maxAcknowledged + 1);
    if (wanted === 0) enough.resolve();
    // Linux says yes to an fsync that was under way when its file system was shut down, whatever became of the bytes: of
    // such answers nobody can tell what they are worth, and where the power is really gone nobody hears them.
    let isPowered = true;
    const onAnswer = (): boolean => {
      if (!isPowered) {
        total.late += 1;
        return false;
      }
      wanted -= 1;
      if (wanted === 0) enough.resolve();
      return true;
    };
    const working = work(node, { ledger, place, scratch, onAnswer });
    await Promise.race([
      enough.promise,
      working.then((errors) =>
        Promise.reject(new Error(`The node failed before the power did\n${process.output()}`, { cause: errors[0] })),
      ),
    ]);
    // Not a wait for something: the moment of the cut is what is random here.
    await new Promise((resolve) => setTimeout(resolve, random(maxDelayMs)));
    isPowered = false;
    await cut();
    await process.kill();
    await working;
  }

  async function inspect(): Promise<Session | undefined> {
    let opened: Session | undefined;
    try {
      opened = await open(home, env);
      losses.push(...(await findLosses(opened.node, ledger, place)));
      return opened;
    } catch (error) {
      const problem = opened === undefined ? "does not open again" : "cannot be looked through";
      losses.push(`cut ${done}: the home ${problem}: ${String(error)}`);
      return discard(opened);
    }
  }

  /** Keeps the copy of the disk when something was lost on it, with what the node had acknowledged and said. */
  function keepState(image: string, lost: readonly string[]): void {
    if (lost.length === 0) {
      rmSync(image);
      return;
    }
    const state = {
      lost,
      releases: [...ledger.releases.values()].map(({ id, version, checksum }) => ({ id, version, checksum })),
      installs: [...ledger.installs].map(([id, history]) => ({ id, ...history })),
      output: session?.process.output(),
    };
    writeFileSync(`${image}.json`, JSON.stringify(state, undefined, 2));
  }

  async function discard(opened: Session | undefined): Promise<undefined> {
    await opened?.process.kill();
    return undefined;
  }
}
