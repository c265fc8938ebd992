import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { createHome, needs } from "@ggen/testkit";
import { describe, expect, it } from "vitest";

import { answerOf } from "../support/catalogue.ts";
import { writePackage } from "../support/packages.ts";
import { emptyFolder } from "../support/places.ts";
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
