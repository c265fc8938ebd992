import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, type RunResult, treeFiles } from "@ggen/testkit";

import { writePackage } from "../support/packages.ts";
import { seededBytes } from "../support/random-files.ts";

/** What is going on when the disk gets full; `first publish` also makes the home and its publisher. */
export type FullScenario = "first publish" | "publish" | "install";

/** What came of it. */
export interface FullFigures {
  /** Calls that take room in a run with enough of it. */
  readonly points: number;
  readonly runs: number;
  /** Runs that were refused for want of room; the others did without what failed. */
  readonly refused: number;
  readonly faults: readonly string[];
}

const early = "io.example.early";
const late = "io.example.late";
const dataBytes = 900_000;

/**
 * Builds the library that makes a disk full for one process.
 * @param folder - gets it
 * @returns absolute path
 */
export function buildFullDisk(folder: string): string {
  const library = join(folder, "full-disk.so");
  const source = join(import.meta.dirname, "full-disk.c");
  execFileSync("g++", ["-x", "c++", "-shared", "-fPIC", "-O1", "-o", library, source], { timeout: 60_000 });
  return library;
}

/**
 * Makes the disk full at one write after another, in a copy of a home each time: from there on, and for that one alone.
 * @param every - one of so many writes is tried; 1 for all
 * @param onRun - told how many were done
 */
export async function fillEverywhere(
  scenario: FullScenario,
  every: number,
  onRun?: (done: number, of: number) => void,
): Promise<FullFigures> {
  const root = createHome();
  const library = buildFullDisk(root);
  const template = join(root, "template");
  cpSync(createHome(), template, { recursive: true });
  const packages = new Map<string, string>();
  for (const id of [early, late]) {
    const files = { "data.txt": seededBytes(id, dataBytes).toString("base64") };
    packages.set(id, writePackage(join(root, id), id, { files }));
  }
  const folderOf = (id: string): string => packages.get(id) ?? "";
  const run = (
    home: string,
    args: readonly string[],
    full: Readonly<Record<string, string>> = {},
  ): Promise<RunResult> =>
    ggen(home, ["marketplace", ...args, "--json"], {
      cwd: root,
      env: { UV_THREADPOOL_SIZE: "1", LD_PRELOAD: library, GGEN_FULL_BELOW: `${join(home, "..")}/`, ...full },
    });
  const target = (home: string): string => join(home, "..", "target");
  const command = (home: string): readonly string[] =>
    scenario === "install" ? ["install", early, "--target", target(home)] : ["publish", folderOf(late)];
  if (scenario !== "first publish") {
    const published = await run(template, ["publish", folderOf(early)]);
    if (published.code !== 0) throw new Error(published.stdout);
  }
  let copies = 0;
  const fresh = (): string => {
    const home = join(root, `copy-${copies++}`, "h");
    mkdirSync(target(home), { recursive: true });
    cpSync(template, home, { recursive: true });
    return home;
  };
  const recorded = fresh();
  const log = join(root, "log");
  await run(recorded, command(recorded), { GGEN_FULL_LOG: log });
  const points = readFileSync(log, "utf8").trim().split("\n").length;
  const jobs = Array.from({ length: points }, (_, at) => at + 1)
    .filter((from) => (from - 1) % every === 0)
    // A sample takes one write in turn for all that follow and for itself alone.
    .map((from) => ({ from, once: from % 2 === 0 }))
    .concat(every > 1 ? [] : Array.from({ length: points }, (_, at) => ({ from: at + 1, once: at % 2 === 0 })));
  const faults: string[] = [];
  let refused = 0;
  let done = 0;
  const waiting = [...jobs];
  const work = async (): Promise<void> => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
      const { from, once } = job;
      const home = fresh();
      const full = { GGEN_FULL_FROM: String(from), ...(once ? { GGEN_FULL_ONCE: "1" } : {}) };
      const say = (fault: string): void =>
        void faults.push(`${scenario}, full ${once ? "at" : "from"} write ${from}: ${fault}`);
      const first = await run(home, command(home), full);
      const acknowledged = first.code === 0;
      if (!acknowledged) {
        refused += 1;
        const code = /"code": "([\w.-]+)"/.exec(first.stdout)?.[1];
        // A database that has no room for the file beside it only says that its disk failed.
        const opening = code === "storage.failed" && /cannot be used|could not be opened/.test(first.stdout);
        if (code !== "storage.full" && !opening) say(`refused with ${code}: ${first.stdout}${first.stderr}`);
      }
      if (scenario !== "first publish") {
        const found = await run(home, ["search", "early"], { GGEN_FULL_FROM: "1" });
        // A database that was closed needs a file beside it to be read, and says that there is no room for one.
        if (found.code !== 0 && !found.stdout.includes('"storage.f')) say(`search: ${found.stdout}${found.stderr}`);
        if (found.code === 0 && !found.stdout.includes(early))
          say(`search does not find what is there: ${found.stdout}`);
      }
      if (scenario !== "install") {
        const again = acknowledged ? undefined : await run(home, command(home));
        if (again !== undefined && again.code !== 0) say(`not with room either: ${again.stdout}${again.stderr}`);
        if (scenario === "first publish" && !(again ?? first).stdout.includes("recoveryWords"))
          say("a publisher whose recovery words nobody was told");
        if (acknowledged || scenario === "first publish") {
          const kept = await run(home, ["install", late, "--target", target(home)]);
          if (kept.code !== 0) say(`what was acknowledged is not there: ${kept.stdout}`);
        }
      } else {
        const visible = readdirSync(target(home)).filter((name) => name !== ".store");
        // One that could not be noted down is there, whole, and not acknowledged.
        if (acknowledged && visible.length !== 1) say(`answered ${first.code}, and installed is ${visible.join()}`);
        if (
          visible.length === 1 &&
          !same(await treeFiles(`${join(target(home), early)}/`), await treeFiles(folderOf(early)))
        )
          say("what is installed is not whole");
        const again = await run(home, command(home));
        if (again.code !== 0) say(`not with room either: ${again.stdout}${again.stderr}`);
        else if (!same(await treeFiles(`${join(target(home), early)}/`), await treeFiles(folderOf(early))))
          say("what is installed is not what was published");
        if (existsSync(target(home)) && readdirSync(join(target(home), ".store")).length !== 2)
          say(`left: ${readdirSync(join(target(home), ".store")).join()}`);
      }
      const tmp = join(home, "store", "tmp");
      if (readdirSync(tmp).length > 0) say(`left: ${readdirSync(tmp).join()}`);
      rmSync(join(home, ".."), { recursive: true, force: true });
      onRun?.((done += 1), jobs.length);
    }
  };
  await Promise.all([work(), work()]);
  return { points, runs: jobs.length, refused, faults };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
