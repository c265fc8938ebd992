import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runCommand } from "../process/run-command.ts";
import { root } from "../process/workspace.ts";

const run = join(root, "tools", "run.mjs");

it("refuses a task that does not exist and names those that do", async () => {
  const result = await runCommand(process.execPath, [run, "strat"]);
  expect(result).toMatchObject({ code: 2, stdout: "" });
  expect(result.output).toContain('Expected one of start, test, verify, got "strat"');
});

it("refuses a name that every object has", async () => {
  expect(await runCommand(process.execPath, [run, "constructor"])).toMatchObject({ code: 2 });
});

it("runs from any directory, says what it does first, and ends with the line that other programs read", async () => {
  const result = await runCommand(process.execPath, [run, "test", "no/such/suite"], { cwd: tmpdir() });
  const lines = result.stdout.trim().split("\n");
  expect(result.code).toBe(1);
  expect(lines[0]).toBe("ggen test: every test suite");
  expect(lines.at(-1)).toBe("0 passed, 1 failed, 0 skipped");
});

it("passes on what follows `--`, and says what it can be", async () => {
  const result = await runCommand(process.execPath, [run, "start", "--", "--prot", "1"], { cwd: tmpdir() });
  expect(result.code).toBe(1);
  expect(result.output).toContain("npm start -- [--once] [--port N]");
});
