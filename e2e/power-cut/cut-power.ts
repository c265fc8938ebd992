import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createDisk, createSeededRandom } from "@ggen/testkit";

import { findLosses, lostInstalls } from "./inspect.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { chooseMoment } from "./moment.ts";
import { startProvider } from "./provider.ts";
import { nameOf } from "./releases.ts";
import { complaints, connect, openSession, prepareHome, type Session } from "./session.ts";
import { fetchOffered, nextOffered, work } from "./workload.ts";

/** How the power is cut. */
export interface CutOptions {
  readonly cuts: number;
  /** Decides when; the same seed asks for the same moments, which the machine then meets as it can. */
  readonly seed: number;
  /** Added to the node's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** How many releases there are to fetch, on each disk: more than there is time for when absent. */
  readonly offered?: number;
  /** Ends when this holds of all that was lost so far. */
  readonly until?: (losses: readonly string[]) => boolean;
  /** A folder that gets, for each cut that lost something, the disk as the cut left it, and what was known then. */
  readonly keep?: string;
  /** Told of each cut. */
  readonly onCut?: (figures: CutFigures) => void;
}

/** What came of it. */
export interface CutFigures {
  readonly cuts: number;
  readonly publishes: number;
  /** Of what the node itself had published. */
  readonly installs: number;
  /** Installs of what it had to fetch from another node, over the network. */
  readonly fetches: number;
  /** How many of those were under way when the power went, by the step that they were at. */
  readonly interrupted: Readonly<Record<string, number>>;
  /** Answers that came when the power was being cut or out: they do not count, whatever became of what they say. */
  readonly late: number;
  /** What was acknowledged and lost, or is there and not whole; one line each. */
  readonly losses: readonly string[];
}

/** After so many cuts the disk is made anew, so that looking through all that was stored does not take ever longer. */
const cutsPerDisk = 10;
const diskMegabytes = 1024;

/**
 * Runs a node on a disk of its own, cuts its power while it publishes, installs and fetches from another node, lets it
 * come back, compares what is there with what it had acknowledged, and has it fetch what it could not; again and again.
 * @throws Error when the node fails in another way than by the cut
 */
export async function cutPower({
  cuts,
  seed,
  env = {},
  offered = 26,
  until = () => false,
  keep,
  onCut,
}: CutOptions): Promise<CutFigures> {
  const disk = createDisk(diskMegabytes);
  const provider = await startProvider(offered);
  const scratch = mkdtempSync(join(tmpdir(), "gg-scratch-"));
  const { below: random } = createSeededRandom(`${seed}`);
  const home = join(disk.path, "home");
  const place = { target: join(home, "packages"), lockfile: join(home, "ggen.lock") };
  const losses: string[] = [];
  const interrupted: Record<string, number> = {};
  const ledgers: Ledger[] = [];
  let [done, late] = [0, 0];
  let ledger = nextLedger();
  let session: Session | undefined;
  const sum = (of: keyof Ledger["done"]): number => ledgers.reduce((total, each) => total + each.done[of], 0);
  const figures = (): CutFigures => ({
    cuts: done,
    publishes: sum("publishes"),
    installs: sum("installs"),
    fetches: sum("fetches"),
    interrupted,
    late,
    losses,
  });
  try {
    while (done < cuts && !until(losses)) {
      if (session === undefined) {
        if (done > 0) {
          disk.format();
          ledger = nextLedger();
        }
        prepareHome(home);
        session = await openSession(home, env);
        await connect(session, provider);
      }
      await cutOnce(session);
      done += 1;
      const image = keep === undefined ? undefined : join(keep, `cut-${done}.img`);
      disk.powerOn(image);
      const lostBefore = losses.length;
      session = await inspect();
      if (image !== undefined) keepState(image, losses.slice(lostBefore));
      if (done % cutsPerDisk === 0 || losses.length > lostBefore) session = await discard(session);
      onCut?.(figures());
    }
    return figures();
  } finally {
    await session?.process.kill();
    await provider.kill();
    rmSync(scratch, { recursive: true, force: true });
  }

  function nextLedger(): Ledger {
    ledgers.push(createLedger(ledgers.length, provider));
    return ledgers.at(-1) as Ledger;
  }

  async function cutOnce({ process, node }: Session): Promise<void> {
    const cut = await disk.armPowerCut();
    const moment = chooseMoment(random);
    // Linux says yes to an fsync that was under way when its file system was shut down, whatever became of the bytes: of
    // such answers nobody can tell what they are worth, and where the power is really gone nobody hears them.
    let isPowered = true;
    const onAnswer = (): boolean => {
      if (!isPowered) {
        late += 1;
        return false;
      }
      moment.count("answers");
      return true;
    };
    const working = work(node, { ledger, place, scratch, onAnswer, onPiece: () => moment.count("pieces") });
    await Promise.race([
      moment.come,
      working.then((errors) =>
        Promise.reject(new Error(`The node failed before the power did\n${process.output()}`, { cause: errors[0] })),
      ),
    ]);
    isPowered = false;
    const { fetching } = ledger;
    if (fetching !== undefined) interrupted[fetching] = (interrupted[fetching] ?? 0) + 1;
    await cut();
    await process.kill();
    await working;
    provider.hold();
  }

  async function inspect(): Promise<Session | undefined> {
    let opened: Session | undefined;
    try {
      opened = await openSession(home, env);
      const lost = await findLosses(opened.node, ledger, place);
      if (done % cutsPerDisk === 0) lost.push(...(await complaints(home)));
      if (lost.length === 0) lost.push(...(await resume(opened)));
      losses.push(...lost);
      return opened;
    } catch (error) {
      const problem = opened === undefined ? "does not open again" : "cannot be looked through";
      losses.push(`cut ${done}: the home ${problem}: ${String(error)}`);
      return discard(opened);
    }
  }

  /** Has the node go on with what the cut interrupted. @returns what is not as it must be then */
  async function resume(opened: Session): Promise<string[]> {
    await connect(opened, provider);
    const release = nextOffered(ledger);
    if (release === undefined || ledger.fetching === undefined) return [];
    try {
      await fetchOffered(opened.node, release, { ledger, place, onAnswer: () => true, onPiece: () => {} });
    } catch (error) {
      return [`${nameOf(release)} cannot be fetched after the cut: ${String(error)}`];
    }
    return lostInstalls(ledger, place);
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
