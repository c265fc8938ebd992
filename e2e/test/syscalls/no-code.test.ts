import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { createHome, needs, startNode } from "@ggen/testkit";
import { beforeAll, describe, expect, it, vi } from "vitest";

import { answerOf, type Installed, statusOf } from "../support/catalogue.ts";
import { emptyFolder } from "../support/places.ts";
import { watchedUser, writeBait, type WatchedUser } from "./bait.ts";
import { traceCommand, traceGgen, type TracedRun } from "./strace.ts";

const id = "io.example.bait";
// Running a file, opening one, and putting one into memory as a program.
const calls = ["execve", "execveat", "open", "openat", "openat2", "mmap"];

/** What a run did that it must not: programs that it started, secrets that it opened, and code that it loaded. */
function misdeeds({ calls: made }: TracedRun, user: WatchedUser, packages: string): readonly string[] {
  const [, ...others] = made.filter(({ name }) => name.startsWith("execve"));
  return [
    ...others,
    ...made.filter(({ name, detail }) => name.startsWith("open") && user.files.some((path) => detail.includes(path))),
    ...made.filter(({ name, detail }) => name === "mmap" && detail.includes("PROT_EXEC") && detail.includes(packages)),
  ].map(({ name, detail }) => `${name}(${detail}`);
}

/** Files below a folder that hold one of the secrets. */
function filesWith(folder: string, secrets: readonly string[]): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) => {
    const path = join(folder, name);
    if (!existsSync(path) || !statSync(path).isFile()) return false;
    const text = readFileSync(path, "latin1");
    return secrets.some((secret) => text.includes(secret));
  });
}

describe.runIf(needs("strace"))("the code of a package", () => {
  const root = emptyFolder();
  const marks = join(root, "marks");
  const user = watchedUser(join(root, "user"));
  beforeAll(() => mkdirSync(marks));

  it("runs, and reads the user's secrets, when npm installs it", async () => {
    const source = writeBait(join(root, "npm"), id, "1.0.0", marks);
    const archive = join(root, "bait.tgz");
    execFileSync("tar", ["-czf", archive, "-C", root, "--transform", "s,^npm,package,", "npm"]);
    const project = emptyFolder();
    const run = await traceCommand(
      ["npm", "install", archive, "--offline", "--no-audit", "--no-fund", "--prefix", project],
      { PATH: process.env["PATH"] ?? "", HOME: user.home, ...user.env },
      { cwd: project, calls },
    );
    expect(run.output).not.toContain("ERR!");
    const found = misdeeds(run, user, source).join("\n");
    expect(found).toContain("execve(");
    expect(found).toContain(".ssh/id_ed25519");
    expect(readdirSync(marks)).toContain("postinstall");
  });

  it("never runs, and no secret is read, kept or sent, when ggen fetches, searches, inspects, installs and updates it", async () => {
    const before = readdirSync(marks);
    const publisher = createHome();
    await answerOf(publisher, [
      "marketplace",
      "publish",
      "--skip-verify",
      writeBait(join(root, "1.0.0"), id, "1.0.0", marks),
    ]);
    const holder = await startNode({ home: publisher, env: { GGEN_LOG: "trace" } });
    const home = createHome();
    const project = emptyFolder();
    mkdirSync(join(project, ".ggen"));
    const env = { HOME: user.home, GGEN_LOG: "trace", ...user.env };
    const start = ["marketplace", "p2p", "start", "--json", "--listen", "/ip4/127.0.0.1/tcp/0"];
    const node = traceGgen(home, [...start, "--bootstrap", holder.addresses[0] ?? ""], { cwd: project, env, calls });
    const runs: TracedRun[] = [];
    const ggen = async (cwd: string, ...args: readonly string[]): Promise<void> => {
      runs.push(await traceGgen(home, [...args, "--json"], { cwd, env, calls }));
    };
    const synced = async (): Promise<void> => {
      const { catalogFingerprint: there } = await statusOf(publisher);
      await vi.waitFor(async () => expect((await statusOf(home)).catalogFingerprint).toBe(there), {
        timeout: 45_000,
        interval: 200,
      });
    };
    await synced();
    await ggen(project, "marketplace", "search", "bait");
    await ggen(project, "marketplace", "info", id);
    await ggen(project, "marketplace", "install", id);
    await answerOf(publisher, [
      "marketplace",
      "publish",
      "--skip-verify",
      writeBait(join(root, "1.1.0"), id, "1.1.0", marks),
    ]);
    await synced();
    // From within the package, among its files.
    const inside = join(project, ".ggen", "packages", id);
    await ggen(inside, "why", id);
    await ggen(project, "marketplace", "update");
    await ggen(inside, "cache", "status");
    await ggen(inside, "marketplace", "list");
    const installed = await answerOf<Installed>(home, ["marketplace", "install", id], { cwd: project });
    expect(installed.packages).toMatchObject([{ version: "1.1.0", source: "unchanged" }]);
    await answerOf(home, ["marketplace", "p2p", "stop"], { cwd: project });
    runs.push(await node);

    expect(runs.map(({ code }) => code)).toEqual(runs.map(() => 0));
    expect(runs.flatMap((run) => misdeeds(run, user, project))).toEqual([]);
    expect(readdirSync(marks)).toEqual(before);
    // Not in what was printed, kept, installed, or reached the other side.
    const printed = [...runs.map(({ output }) => output), holder.output()].join("");
    expect(user.secrets.filter((secret) => printed.includes(secret))).toEqual([]);
    expect([home, project, publisher].flatMap((folder) => filesWith(folder, user.secrets))).toEqual([]);
  });
});
