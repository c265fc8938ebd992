import { createHome, ggen } from "@ggen/testkit";
import { expect, it } from "vitest";

it("says its version, and nothing else", async () => {
  expect(await ggen(createHome(), ["--version"])).toMatchObject({ code: 0, stdout: "ggen 2.4.0\n", stderr: "" });
});

it("answers a command that does not exist with one message and exit status 2", async () => {
  const result = await ggen(createHome(), ["marketplace", "p2p", "strat"]);
  expect(result.code).toBe(2);
  expect(result.stdout).toBe("");
  expect(result.stderr).toContain("strat");
});
