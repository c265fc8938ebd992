import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

import { expect, it, onTestFinished } from "vitest";

it("runs the example of the README, which prints what its comments say", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const example = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "";
  const said = Array.from(example.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm), ([, comment]) => comment);
  expect(said).not.toEqual([]);
  const file = fileURLToPath(new URL(`./readme-example-${process.pid}.ts`, import.meta.url));
  onTestFinished(() => rmSync(file, { force: true }));
  writeFileSync(file, example);
  const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
  expect(printed.trim().split("\n")).toEqual(said);
});
