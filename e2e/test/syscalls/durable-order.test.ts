import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { createHome, needs } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { joinHolder, startHolder } from "../kill-points/network.ts";
import { answerOf } from "../support/catalogue.ts";
import { writePackage } from "../support/packages.ts";
import { emptyFolder } from "../support/places.ts";
import { seededBytes } from "../support/random-files.ts";
import { traceGgen } from "./strace.ts";
import { disk, type SystemCall } from "./trace.ts";

const id = "io.example.order";
const version = (text: string): string => `${id}@${text}`;

// What a file system may do at a power cut is more than what ext4, which the power-cut rig has, does.
describe.runIf(needs("strace"))("an install", () => {
  const root = emptyFolder();
  const home = createHome();
  const project = join(root, "project");
  const target = join(project, "not", "there", "yet");
  mkdirSync(project);

  async function install(text: string): Promise<readonly SystemCall[]> {
    const source = writePackage(join(root, text), id, { version: text });
    await answerOf(home, ["marketplace", "publish", source]);
    const args = ["marketplace", "install", version(text), "--target", target, "--json"];
    const run = await traceGgen(home, args, { cwd: project, calls: disk });
    if (run.code !== 0) throw new Error(run.output);
    return run.calls;
  }

  it("has synced every folder that got a new one when it answers, and an old version goes after the new link is durable", async () => {
    const first = await install("1.0.0");
    const made = first
      .filter(({ name, detail }) => name === "mkdir" && !detail.includes(" = -1 "))
      .map(({ detail }) => detail.split('"')[1] ?? "")
      .filter((path) => path.startsWith(project) && !path.includes("/.staging-"));
    expect(made).toEqual([join(project, "not"), join(project, "not", "there"), target, join(target, ".store")]);
    const synced = first.filter(({ name }) => name === "fsync").map(({ detail }) => /<([^>]*)>/.exec(detail)?.[1]);
    expect(synced).toEqual(expect.arrayContaining(made.map((path) => dirname(path))));

    const update = await install("1.1.0");
    const at = (what: (call: SystemCall) => boolean): number => update.findIndex(what);
    const linked = at(({ name, detail }) => name === "rename" && detail.includes(`"${join(target, id)}"`));
    const durable = at(({ name, detail }) => name === "fsync" && detail.includes(`<${target}>`));
    const removed = at(({ name, detail }) => name === "unlink" && detail.includes(`/.store/${version("1.0.0")}`));
    expect(linked).toBeGreaterThan(-1);
    expect(durable).toBeGreaterThan(linked);
    expect(removed).toBeGreaterThan(durable);
  });
});

describe.runIf(needs("strace"))("an install whose content is fetched from another node", () => {
  it("links what is complete in the store, whose chunks were durable before their names, and their names before their rows", async () => {
    const holder = await startHolder();
    const root = emptyFolder();
    const project = join(root, "project");
    const target = join(project, "packages");
    mkdirSync(project);
    // Two whole chunks, which go past the system's cache, one that is shorter, and the node that names them.
    const data = seededBytes("fetched in order", 1_800_000).toString("base64");
    await answerOf(holder.home, ["marketplace", "publish", writePackage(root, id, { files: { "data.txt": data } })]);
    const home = createHome();
    joinHolder(home, holder);
    const args = ["marketplace", "install", id, "--target", target, "--json"];
    const { code, output, calls } = await traceGgen(home, args, { cwd: project, calls: disk });
    if (code !== 0) throw new Error(output);

    const all = (what: string, on: string): number[] =>
      calls.flatMap(({ name, detail }, at) => (name === what && detail.includes(on) ? [at] : []));
    const chunks = join(home, "store", "chunks");
    const named = calls.flatMap(({ name, detail }, at) => {
      const [, from = "", , to = ""] = name === "rename" ? detail.split('"') : [];
      return dirname(dirname(to)) === chunks ? [{ at, from, shard: dirname(to) }] : [];
    });
    expect(named).toHaveLength(4);
    const linked = all("rename", `"${join(target, id)}"`)[0] ?? 0;
    const complete = all("fsync", `<${join(home, "store", "store.db-wal")}>`).findLast((at) => at < linked) ?? 0;
    const recorded = all("pwrite64", `<${join(home, "store", "store.db-wal")}>`).filter((at) => at < complete);
    for (const { at, from, shard } of named) {
      const written = all("write", `<${from}>`).at(-1) ?? Infinity;
      const [synced = 0] = all("fsync", `<${from}>`);
      expect({ from, order: [written, synced, at].toSorted((a, b) => a - b) }).toEqual({
        from,
        order: [written, synced, at],
      });
      const folders = [shard, ...(all("mkdir", `"${shard}"`).length > 0 ? [chunks] : [])];
      const durable = folders.map((folder) => all("fsync", `<${folder}>`).find((sync) => sync > at) ?? Infinity);
      expect(Math.max(...durable)).toBeLessThan(recorded.at(-1) ?? 0);
    }
    expect(complete).toBeGreaterThan(Math.max(...named.map(({ at }) => at)));
  });
});
