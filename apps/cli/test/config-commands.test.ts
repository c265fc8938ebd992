import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { createFolder, ggen, json } from "./support/ggen.ts";

describe("ggen config", () => {
  it("sets, gets and shows values with their origin, and keeps comments", async () => {
    const home = await createFolder();
    await writeFile(join(home, "config.toml"), "# mine\n[cache]\nttl_minutes = 9 # short\n");
    expect((await ggen(home, ["config", "set", "cache.max_size_mb", "500"])).status).toBe(0);
    expect(await readFile(join(home, "config.toml"), "utf8")).toBe(
      "# mine\n[cache]\nttl_minutes = 9 # short\nmax_size_mb = 500\n",
    );
    expect((await stat(join(home, "config.toml"))).mode & 0o777).toBe(0o600);
    expect((await ggen(home, ["config", "get", "cache.max_size_mb"])).stdout).toBe("500\n");
    const env = { GGEN_P2P_DHT_SERVER: "0" };
    const shown = json(await ggen(home, ["config", "show", "--json"], { env }));
    const values = shown["values"] as { key: string; value: unknown; source: string; where: string }[];
    const find = (key: string): unknown => values.find((row) => row.key === key);
    expect(shown).toMatchObject({ schema: 1, home, file: join(home, "config.toml") });
    expect(find("cache.max_size_mb")).toMatchObject({
      value: 500,
      source: "file",
      where: `${join(home, "config.toml")}:4`,
    });
    expect(find("p2p.dht_server_mode")).toMatchObject({ value: false, source: "environment" });
    expect(find("registry.url")).toMatchObject({ value: null, source: "default" });
  });

  it("says where the file is, also when there is none", async () => {
    const home = await createFolder();
    expect((await ggen(home, ["config", "path"])).stdout).toBe(`${home}/config.toml\n`);
  });

  it.each([
    ["an unknown key", ["config", "set", "cache.max_sise_mb", "5"], "cache.max_size_mb"],
    ["a value out of range", ["config", "set", "search.default_limit", "500"], "500"],
    ["an unknown key to get", ["config", "get", "cache.max_sise_mb"], "cache.max_size_mb"],
  ])("refuses %s and changes nothing", async (_, argv, text) => {
    const home = await createFolder();
    const outcome = await ggen(home, argv);
    expect(outcome).toMatchObject({ status: 2, stdout: "" });
    expect(outcome.stderr).toContain(text);
    expect((await ggen(home, ["config", "path", "--json"])).stdout).toContain('"exists": false');
  });

  it("validate names file, line, expected and got in one error", async () => {
    const home = await createFolder();
    await writeFile(join(home, "config.toml"), "[cache]\nmax_size_mb = 'big'\n\n[p2p]\nbootstrap_node = []\n");
    const outcome = await ggen(home, ["config", "validate"]);
    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain("config.toml:2");
    expect(outcome.stderr).toContain("config.toml:5");
    expect(outcome.stderr).toContain("p2p.bootstrap_nodes");
    expect((await ggen(home, ["config", "validate", "--config", join(home, "none.toml")])).status).toBe(2);
  });

  it("a broken file stops the node before anything is made", async () => {
    const home = await createFolder();
    await writeFile(join(home, "config.toml"), "nonsense = 1\n");
    for (const argv of [
      ["p2p", "start"],
      ["p2p", "start", "--daemon"],
    ]) {
      const outcome = await ggen(home, argv);
      expect(outcome.status).toBe(2);
      expect(outcome.stderr).toContain("nonsense");
    }
    expect(json(await ggen(home, ["doctor", "--json"]))).toMatchObject({ healthy: false });
  });
});

describe("without a node", () => {
  it("status says so with exit status 3", async () => {
    const home = await createFolder();
    const text = await ggen(home, ["p2p", "status"]);
    expect(text).toMatchObject({ status: 3, stderr: "" });
    expect(text.stdout).toContain("not running");
    const structured = await ggen(home, ["p2p", "status", "--json"]);
    expect(structured.status).toBe(3);
    expect(json(structured)).toEqual({ schema: 1, running: false, home });
  });

  it.each([
    ["stop", ["p2p", "stop"]],
    ["peer-list", ["p2p", "peer-list"]],
    ["peer-info", ["p2p", "peer-info", "x"]],
    ["bootstrap", ["p2p", "bootstrap", "/ip4/127.0.0.1/tcp/1"]],
  ])("%s is refused with exit status 3", async (_, argv) => {
    const outcome = await ggen(await createFolder(), [...argv, "--json"]);
    expect(outcome).toMatchObject({ status: 3, stderr: "" });
    expect(json(outcome)).toMatchObject({ schema: 1, error: { code: "registry.not-running" } });
  });

  it("list and logs need none", async () => {
    const home = await createFolder();
    expect(json(await ggen(home, ["marketplace", "list", "--json"]))).toEqual({
      schema: 1,
      target: `${home}/packages`,
      packages: [],
      damaged: [],
    });
    expect((await ggen(home, ["p2p", "logs"])).status).toBe(3);
    await mkdir(join(home, "logs"));
    await writeFile(join(home, "logs", "node.log"), "a\nb\nc\n");
    expect((await ggen(home, ["p2p", "logs", "--lines", "2"])).stdout).toBe("b\nc\n");
  });

  it("doctor finds a key that others can read", async () => {
    const home = await createFolder();
    await writeFile(join(home, "identity.key"), "x");
    await chmod(join(home, "identity.key"), 0o644);
    const outcome = await ggen(home, ["doctor"]);
    expect(outcome.status).toBe(1);
    expect(outcome.stdout).toContain(`chmod 600 ${home}/identity.key`);
  });
});
