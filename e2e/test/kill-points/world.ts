import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, treeFiles } from "@ggen/testkit";

import { writePackage } from "../support/packages.ts";
import { seededBytes } from "../support/random-files.ts";
import { disk, changesDisk, type SystemCall } from "../syscalls/trace.ts";
import { traceGgen, type TracedRun } from "../syscalls/strace.ts";

/** What is killed. */
export type ScenarioName = "install" | "update";

/** One place to kill at. */
export interface KillPoint {
  readonly call: string;
  /** Counted in each thread for itself, by strace. */
  readonly nth: number;
  /** Whether it is counted in the first thread only. */
  readonly firstThread: boolean;
}

const id = "io.example.killed";
const older = "1.0.0";
const newer = "1.1.0";
/** Over one chunk, so that a release has a tree and an install several reads. */
const dataBytes = 900_000;

type Tree = Readonly<Record<string, string>>;

/** A home and a project, to be copied for every kill. */
interface Template {
  readonly home: string;
  readonly project: string;
}

/** What is where a command was killed. */
interface Found {
  /** The version that the project's link names; undefined when there is no link. */
  readonly installed: string | undefined;
  readonly locked: string | undefined;
  readonly faults: readonly string[];
}

/** Everything that one kind of kill needs. */
export interface World {
  /** The points that a recorded run had, each once. */
  readonly points: readonly KillPoint[];
  /**
   * Kills the command at a point, looks at what is there, runs it again, and looks again.
   * @returns the call that was hit last, if any was, and everything that is wrong
   */
  killAt(point: KillPoint): Promise<{ readonly hit: string | undefined; readonly faults: readonly string[] }>;
}

const commands: Readonly<Record<ScenarioName, readonly string[]>> = {
  install: ["marketplace", "install", `${id}@${older}`],
  update: ["marketplace", "update", id],
};

/**
 * Makes a home that holds two versions of a package and a project, and records what a command does there.
 * @param scenario - `install` puts 1.0.0 into an empty project, `update` replaces 1.0.0 by 1.1.0
 */
export async function createWorld(scenario: ScenarioName): Promise<World> {
  const root = createHome();
  const template: Template = { home: join(root, "template", "h"), project: join(root, "template", "p") };
  cpSync(join(createHome()), template.home, { recursive: true });
  mkdirSync(join(template.project, ".ggen"), { recursive: true });
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
    await run(template, ["marketplace", "publish", folder]);
    trees.set(version, await treeFiles(folder));
  }
  if (scenario === "update") await run(template, commands.install);
  const before = await look(template, trees);
  const wanted = scenario === "install" ? older : newer;
  let copies = 0;
  const fresh = (): Template => {
    const folder = join(root, `copy-${copies++}`);
    for (const part of ["h", "p"])
      cpSync(join(root, "template", part), join(folder, part), { recursive: true, verbatimSymlinks: true });
    return { home: join(folder, "h"), project: join(folder, "p") };
  };
  const trace = (at: Template, point?: KillPoint): Promise<TracedRun> =>
    traceGgen(at.home, [...commands[scenario], "--json"], {
      cwd: at.project,
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
        const again = await ggen(at.home, [...commands[scenario], "--json"], { cwd: at.project });
        if (again.code !== 0) faults.push(`the next ${scenario} fails: ${again.stdout}${again.stderr}`);
        const then = await look(at, trees);
        faults.push(...then.faults, ...residue(at).map((name) => `${name} is left`));
        if (then.installed !== wanted || then.locked !== wanted)
          faults.push(`then ${then.installed} is installed, ${then.locked} locked`);
        return { hit: killed.killed ? describe(killed, point) : undefined, faults };
      } finally {
        rmSync(join(at.home, ".."), { recursive: true, force: true });
      }
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

/** The last call of a killed run: thread, name, and what it was about, without what differs from run to run. */
function describe({ calls }: TracedRun, point: KillPoint): string {
  const last = calls.findLast(({ name, nth }) => name === point.call && nth === point.nth);
  const where = last?.detail.replaceAll(/copy-\d+|[0-9a-f]{8,}|-\d+-/g, "*").slice(0, 300) ?? "";
  return `${point.firstThread ? "first thread" : "pool"} ${point.call} ${point.nth} ${where}`;
}

async function run(at: Template, args: readonly string[]): Promise<void> {
  const result = await ggen(at.home, [...args, "--json"], { cwd: at.project });
  if (result.code !== 0) throw new Error(`ggen ${args.join(" ")}: ${result.stdout}${result.stderr}`);
}

async function look({ project }: Template, trees: ReadonlyMap<string, Tree>): Promise<Found> {
  const target = join(project, ".ggen", "packages");
  const faults: string[] = [];
  const visible = existsSync(target) ? readdirSync(target).filter((name) => name !== ".store") : [];
  let installed: string | undefined;
  for (const name of visible) {
    installed = /@(\d+\.\d+\.\d+)-/.exec(readlinkSync(join(target, name)))?.[1];
    const found = await treeFiles(realpathSync(join(target, name))).catch(String);
    if (name !== id || JSON.stringify(found) !== JSON.stringify(trees.get(installed ?? "")))
      faults.push(`${name} is not ${installed} whole: ${JSON.stringify(found)}`);
  }
  const lockfile = join(project, "ggen.lock");
  const text = existsSync(lockfile) ? readFileSync(lockfile, "utf8") : undefined;
  if (text !== undefined && !text.endsWith("\ndependencies = []\n")) faults.push(`the lockfile is cut off: ${text}`);
  return { installed, locked: versionIn(text), faults };
}

function versionIn(lockfile: string | undefined): string | undefined {
  return /^version = "(.*)"$/m.exec(lockfile ?? "")?.[1];
}

/** Versions that lockfiles name which were written, but did not get their name any more. */
function aheadOf(project: string): readonly string[] {
  return readdirSync(project)
    .filter((name) => name.startsWith("ggen.lock."))
    .map((name) => versionIn(readFileSync(join(project, name), "utf8")) ?? "nothing");
}

/** What a killed run left and the next one did not remove. */
function residue({ home, project }: Template): readonly string[] {
  const target = join(project, ".ggen", "packages");
  if (!existsSync(join(target, id))) return [];
  const current = readlinkSync(join(target, id)).slice(".store/".length);
  return [
    ...readdirSync(project).filter((name) => name !== ".ggen" && name !== "ggen.lock"),
    ...readdirSync(join(target, ".store")).filter((name) => name !== current && name !== `${current}.json`),
    ...readdirSync(join(home, "store", "tmp")),
  ];
}
