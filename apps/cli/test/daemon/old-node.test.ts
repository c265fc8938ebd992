import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

const entry = fileURLToPath(new URL("../../bin/run.js", import.meta.url));

describe("the built entry", () => {
  it.each(["20.11.0", "22.20.0", "24.10.9"])("says what it needs on Node.js %s, and nothing else", (version) => {
    const pretend = `Object.defineProperty(process.versions, "node", { value: ${JSON.stringify(version)} })`;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(pretend)}`, entry, "--version"],
      { encoding: "utf8" },
    );
    expect(stderr).toBe(`ggen needs Node.js 24.11 or newer; this is ${version}. Get it: https://nodejs.org\n`);
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });
});
