import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, treeFiles } from "@ggen/testkit";

import { writePackage } from "../support/packages.ts";
import { seededBytes } from "../support/random-files.ts";
import { aheadOf, damage, id, look, residue, type Template, type Tree } from "./look.ts";
import { forgetPeer, joinHolder, ownAddress, startHolder } from "./network.ts";
import { disk, changesDisk, type SystemCall } from "../syscalls/trace.ts";
import { traceGgen, type TracedRun } from "../syscalls/strace.ts";

/** What is killed: the process of a command that writes, with content from its own store or from another node. */
export type ScenarioName = "install" | "update" | "install from the network" | "update from the network";

/** One place to kill at. */
export interface KillPoint {
  readonly call: string;
  /** Counted in each thread for itself, by strace. */
  readonly nth: number;
  /** Whether it is counted in the first thread only. */
  readonly firstThread: boolean;
}

const older = "1.0.0";
const newer = "1.1.0";
/** Over one chunk, so that a release has a tree and an install several reads. */
const dataBytes = 900_000;

/** Everything that one kind of kill needs. */
export interface World {
  /** The points that a recorded run had, each once. */
  readonly points: readonly KillPoint[];
  /**
   * Kills the command at a point, looks at what is there, runs it again, and looks again.
   * @returns the call that was hit last, if any was, and everything that is wrong
   */
  killAt(point: KillPoint): Promise<{ readonly hit: string | undefined; readonly faults: readonly string[] }>;
  /** Ends the node that it fetches from. */
  close(): Promise<void>;
}

const install = ["marketplace", "install", `${id}@${older}`];
const update = ["marketplace", "update", id];

/**
 * Makes a home that holds two versions of a package, or knows of a node that does, and a project, and records what a
 * command does there.
 * @param scenario - `install` puts 1.0.0 into an empty project, `update` replaces 1.0.0 by 1.1.0
 */
export async function createWorld(scenario: ScenarioName): Promise<World> {
  const root = createHome();
  const template: Template = { home: join(root, "template", "h"), project: join(root, "template", "p"), env: {} };
  cpSync(join(createHome()), template.home, { recursive: true });
  mkdirSync(join(template.project, ".ggen"), { recursive: true });
  const holder = scenario.endsWith("from the network") ? await startHolder() : undefined;
  const isUpdate = scenario.startsWith("update");
  const command = isUpdate ? update : install;
  const trees = new Map<string, Tree>();
  for (const version of [older, newer]) {
    const folder = writePackage(join(root, version), id, {
      version,
      files: {
        "docs/notes.txt": `notes of ${version}\n`,
        [`only-in-${version}.txt`]: "here\n",
        "data.txt": seededBytes(version, dataBytes).toString("base64"),
      },
    });
    await run(holder === undefined ? template : { ...template, home: holder.home }, ["marketplace", "publish", folder]);
    trees.set(version, await treeFiles(folder));
  }
  if (holder !== undefined) {
    joinHolder(template.home, holder);
  }
  // A home on the network knows both versions then, and has none but what it installed.
  if (isUpdate) await run(template, install);
  else if (holder !== undefined) await run(template, [...install, "--dry-run"]);
  forgetPeer(template.home);
  const before = await look(template, trees);
  const wanted = isUpdate ? newer : older;
  let copies = 0;
  const fresh = (): Template => {
    const folder = join(root, `copy-${copies}`);
    for (const part of ["h", "p"])
      cpSync(join(root, "template", part), join(folder, part), { recursive: true, verbatimSymlinks: true });
    return { home: join(folder, "h"), project: join(folder, "p"), env: ownAddress(copies++) };
  };
  const trace = (at: Template, point?: KillPoint): Promise<TracedRun> =>
    traceGgen(at.home, [...command, "--json"], {
      cwd: at.project,
      env: at.env,
      calls: disk,
      ...(point === undefined ? {} : { killAt: point, firstThreadOnly: point.firstThread }),
    });
  const recordAt = fresh();
  const record = await trace(recordAt);
  if (record.code !== 0) throw new Error(`${scenario} fails under strace: ${record.output}`);
  const points = pointsOf(record.calls, [recordAt.home, recordAt.project]);
  return {
    points,
    async killAt(point) {
      const at = fresh();
      try {
        const killed = await trace(at, point);
        const faults: string[] = [];
        const now = await look(at, trees);
        faults.push(...now.faults);
        if (now.installed !== before.installed && now.installed !== wanted)
          faults.push(`${now.installed} is installed`);
        const ahead = aheadOf(at.project);
        if (now.locked !== now.installed && !ahead.includes(now.installed ?? "nothing"))
          faults.push(
            `${now.installed} is installed, ${now.locked} locked, ${ahead.join() || "nothing"} written ahead`,
          );
        const again = await ggen(at.home, [...command, "--json"], { cwd: at.project, env: at.env });
        if (again.code !== 0) faults.push(`the next ${scenario} fails: ${again.stdout}${again.stderr}`);
        const then = await look(at, trees);
        faults.push(...then.faults, ...residue(at).map((name) => `${name} is left`));
        if (then.installed !== wanted || then.locked !== wanted)
          faults.push(`then ${then.installed} is installed, ${then.locked} locked`);
        faults.push(...(await damage(at)));
        return { hit: killed.killed ? describe(killed, point, [at.home, at.project]) : undefined, faults };
      } finally {
        rmSync(join(at.home, ".."), { recursive: true, force: true });
      }
    },
    async close() {
      await holder?.kill();
    },
  };
}

/** Every disk call of a recorded run, as places to kill at; calls of the first thread are counted apart. */
function pointsOf(calls: readonly SystemCall[], folders: readonly string[]): readonly KillPoint[] {
  const [first] = calls;
  const points = new Map<string, KillPoint>();
  for (const call of calls) {
    if (!changesDisk(call, folders)) continue;
    const firstThread = call.thread === first?.thread;
    points.set(`${call.name} ${call.nth} ${firstThread}`, { call: call.name, nth: call.nth, firstThread });
  }
  return [...points.values()];
}

/**
 * The last call of a killed run: thread, name, and what it was about, without what differs from run to run.
 * @returns undefined when it is none that changes the disk, as where a thread opened something once more or less often
 */
function describe({ calls }: TracedRun, point: KillPoint, folders: readonly string[]): string | undefined {
  const last = calls.findLast(({ name, nth }) => name === point.call && nth === point.nth);
  if (last === undefined || !changesDisk(last, folders)) return undefined;
  const where = last.detail.replaceAll(/copy-\d+|[0-9a-f]{8,}|-\d+-/g, "*").slice(0, 300);
  return `${point.firstThread ? "first thread" : "pool"} ${point.call} ${point.nth} ${where}`;
}

async function run(at: Template, args: readonly string[]): Promise<void> {
  const result = await ggen(at.home, [...args, "--json"], { cwd: at.project, env: at.env });
  if (result.code !== 0) throw new Error(`ggen ${args.join(" ")}: ${result.stdout}${result.stderr}`);
}
