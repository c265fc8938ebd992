import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";

import { describe, expect, it, onTestFinished } from "vitest";

import { expandAliases, wantsJson } from "../../src/command-line/aliases.ts";
import { parseEndpoint } from "../../src/daemon/endpoint.ts";
import { createFolder, entry, ggen, json, readAll, startGgen } from "../support/ggen.ts";

describe("aliases", () => {
  it.each([
    ["p2p start -d", "marketplace p2p start -d"],
    ["p2p", "marketplace p2p"],
    ["p2p why x", "why x"],
    ["marketplace p2p why x", "why x"],
    ["marketplace p2p doctor", "doctor"],
    ["marketplace search p2p", "marketplace search p2p"],
    ["why p2p", "why p2p"],
    ["", ""],
  ])("%s is %s", (given, meant) => {
    const words = (text: string): string[] => text.split(" ").filter((word) => word !== "");
    expect(expandAliases(words(given))).toEqual(words(meant));
  });

  it("--json counts only before --", () => {
    expect([wantsJson(["a", "--json"]), wantsJson(["a", "--", "--json"]), wantsJson([])]).toEqual([true, false, false]);
  });
});

describe("--http", () => {
  it.each([
    ["8080", { port: 8080 }],
    ["0", { port: 0 }],
    ["0.0.0.0:80", { host: "0.0.0.0", port: 80 }],
    ["localhost:8080", { host: "localhost", port: 8080 }],
    ["[::1]:8080", { host: "::1", port: 8080 }],
  ])("%s", (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
  });

  it.each(["", "http", "70000", ":80", "a:b:80", "::1:80", "80:", "-1", "8080/x"])("refuses %j", (text) => {
    expect(() => parseEndpoint(text)).toThrow(expect.objectContaining({ code: "usage.invalid" }));
  });
});

describe("ggen", () => {
  it.each(["--version", "-V"])("%s prints exactly the version", async (flag) => {
    expect(await ggen(await createFolder(), [flag])).toEqual({ status: 0, stdout: "ggen 2.4.0\n", stderr: "" });
  });

  it.each([
    ["an unknown command", ["marketplace", "p2p", "serach"], 'There is no command "ggen marketplace p2p serach"'],
    ["an unknown flag", ["marketplace", "search", "x", "--limt", "5"], "--limt"],
    ["a limit out of range", ["p2p", "search", "x", "--limit", "400"], "--limit"],
    ["a score out of range", ["p2p", "search", "x", "--min-reputation", "2"], "a number from 0 to 1"],
    ["a missing argument", ["marketplace", "info"], "REF is missing"],
    ["too many arguments", ["marketplace", "info", "a", "b"], "b"],
    ["an unknown order", ["marketplace", "search", "x", "--sort", "size"], "--sort"],
    ["a flag without value", ["marketplace", "search", "x", "--limit"], "--limit"],
    ["two places to install to", ["marketplace", "install", "x", "-g", "--target", "y"], "--target"],
    ["nothing to install", ["marketplace", "install"], "No package was named"],
    ["a reason that would be cut", ["marketplace", "yank", "a@1.0.0", "--reason", "x".repeat(501)], "501 characters"],
    ["an empty word", [""], 'There is no command "ggen "'],
    ["a proof that is not there", ["why", "--proof", "/nonexistent"], "got no such file or directory (ENOENT)"],
  ])("answers %s with one error and status 2", async (_, argv, text) => {
    const home = await createFolder();
    const outcome = await ggen(home, argv);
    expect(outcome).toMatchObject({ status: 2, stdout: "" });
    expect(outcome.stderr).toContain(text);
    expect(outcome.stderr).toMatch(/^Error: .+ \[usage\.invalid\]\n {2}→ .+\n$/);
    const structured = await ggen(home, [...argv, "--json"]);
    expect(structured.stderr).toBe("");
    expect(json(structured)).toMatchObject({ schema: 1, error: { code: "usage.invalid" } });
  });

  it("suggests the flag that was meant", async () => {
    const { stderr } = await ggen(await createFolder(), ["marketplace", "search", "x", "--limt", "5"]);
    expect(stderr).toContain("Did you mean --limit? Read: ggen marketplace search --help");
  });

  it.each([[["marketplace", "p2p", "start", "--help"]], [["config", "show"]]])(
    "ends as it would have when nobody reads what it says, as behind `| head`: %s",
    async (argv) => {
      const child = startGgen(await createFolder(), argv);
      child.stdout?.destroy();
      const [stderr, [status]] = await Promise.all([readAll(child.stderr), once(child, "close")]);
      expect({ status: Number(status), stderr }).toEqual({ status: 0, stderr: "" });
    },
  );

  it("fails as it would have when nobody reads its errors", async () => {
    const child = startGgen(await createFolder(), ["config", "get", "nope"]);
    child.stderr?.destroy();
    const [stdout, [status]] = await Promise.all([readAll(child.stdout), once(child, "close")]);
    expect({ status: Number(status), stdout }).toEqual({ status: 2, stdout: "" });
  });

  it.runIf(existsSync("/dev/full")).each([[["config", "show"]], [["config", "show", "--json"]], [["--version"]]])(
    "says in one error that stdout did not take the answer: %s",
    async (argv) => {
      const full = openSync("/dev/full", "w");
      onTestFinished(() => closeSync(full));
      const outcome = await ggen(await createFolder(), argv, { stdout: full });
      expect(outcome).toMatchObject({ status: 7, stdout: "" });
      expect(outcome.stderr).toMatch(/^Error: .+ENOSPC.+ \[storage\.failed\]\n {2}→ .+\n$/);
    },
  );

  it.each([[["marketplace", "publish", "."]], [["marketplace", "search", "x"]]])(
    "says that the current folder is gone: %s",
    async (argv) => {
      const home = await createFolder();
      const inGone = `mkdir gone && cd gone && rmdir ../gone && exec "$@"`;
      const child = spawn("sh", ["-c", inGone, "sh", process.execPath, entry, ...argv, "--json"], {
        cwd: home,
        env: { PATH: process.env["PATH"], HOME: home, GGEN_HOME: home },
        stdio: ["ignore", "pipe", "ignore"],
      });
      const [stdout, [status]] = await Promise.all([readAll(child.stdout), once(child, "close")]);
      expect(Number(status)).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({
        schema: 1,
        error: { code: "usage.invalid", hint: expect.stringContaining("cd ~") as string },
      });
    },
  );

  it.each([[["why"]], [["marketplace", "info"]]])(
    "takes nothing from stdin for an absent argument: %s",
    async (argv) => {
      const home = await createFolder();
      const child = spawn("sh", ["-c", `echo io.example.a | "$@"`, "sh", process.execPath, entry, ...argv, "--json"], {
        env: { PATH: process.env["PATH"], HOME: home, GGEN_HOME: home },
        stdio: ["ignore", "pipe", "ignore"],
      });
      const [stdout, [status]] = await Promise.all([readAll(child.stdout), once(child, "close")]);
      expect(Number(status)).toBe(2);
      expect(JSON.parse(stdout)).toMatchObject({ schema: 1, error: { code: "usage.invalid" } });
    },
  );

  it("lists the commands of a topic under its alias", async () => {
    const { status, stdout } = await ggen(await createFolder(), ["p2p", "--help"]);
    expect(status).toBe(0);
    expect(stdout).toContain("marketplace p2p start");
  });
});
