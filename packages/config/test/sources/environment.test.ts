import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { levelOf, loadConfig, logSpecOfEnvironment, parseLogSpec, resolveHome } from "../../src/index.ts";
import { refusalOf } from "../errors.ts";
import { homeWith } from "../fixtures.ts";

describe("the environment", () => {
  it.each([
    ["true", true],
    ["TRUE", true],
    ["1", true],
    ["false", false],
    ["0", false],
  ])("reads %s as %s", async (text, value) => {
    const { config } = await loadConfig({ home: await homeWith(), env: { GGEN_P2P_DHT_SERVER: text } });
    expect(config.p2p.dhtServerMode).toBe(value);
  });

  it("takes a variable that is set to nothing as unset", async () => {
    const env = { GGEN_REGISTRY_URL: "", GGEN_P2P_BOOTSTRAP: " ", GGEN_P2P_DHT_SERVER: "", GGEN_LOG: "" };
    const { config, origins } = await loadConfig({ home: await homeWith(), env });
    expect(config.registry.url).toBeUndefined();
    expect(origins.get("p2p.bootstrap_nodes")?.source).toBe("default");
  });

  it("reads the registry's URL and a list with blanks and a comma too many", async () => {
    const env = { GGEN_REGISTRY_URL: "file:///srv/index/", GGEN_P2P_LISTEN: " /ip4/127.0.0.1/tcp/1 ,, " };
    const { config } = await loadConfig({ home: await homeWith(), env });
    expect(config.registry.url).toBe("file:///srv/index/");
    expect(config.p2p.listenAddresses).toEqual(["/ip4/127.0.0.1/tcp/1"]);
  });
});

describe("resolveHome", () => {
  it("is GGEN_HOME, else .ggen in the user's home, always absolute", () => {
    expect(resolveHome({ GGEN_HOME: "/srv/ggen" })).toBe("/srv/ggen");
    expect(resolveHome({ GGEN_HOME: "nested/ggen" })).toBe(resolve("nested/ggen"));
    expect(resolveHome({ HOME: "/home/ann" })).toBe("/home/ann/.ggen");
    expect(resolveHome({ HOME: "/home/ann", GGEN_HOME: "~/g" })).toBe("/home/ann/g");
    expect(resolveHome({ HOME: "/home/ann", GGEN_HOME: " " })).toBe("/home/ann/.ggen");
    expect(resolveHome({})).toBe(join(homedir(), ".ggen"));
  });
});

describe("the log's levels", () => {
  it("parses a level, pairs, and both", () => {
    expect(parseLogSpec("debug")).toEqual({ level: "debug", names: new Map() });
    const spec = parseLogSpec("WARN, node:sync=debug,node=off");
    expect(spec.level).toBe("warn");
    expect(levelOf(spec, "node:sync:peer")).toBe("debug");
    expect(levelOf(spec, "node:dht")).toBe("off");
    expect(levelOf(spec, "nodes")).toBe("warn");
  });

  it.each(["loud", "node=loud", "a=b=info", "=info", "x".repeat(5000)])("refuses %.20s", async (text) => {
    expect((await refusalOf(() => parseLogSpec(text), "config.invalid")).expected).toContain("debug");
  });

  it("reads RUST_LOG only when GGEN_LOG is unset, and of it what is understood", () => {
    expect(logSpecOfEnvironment({ RUST_LOG: "info,hyper[span{a=1}]=trace,ggen::sync=debug" })).toEqual({
      level: "info",
      names: new Map([["ggen:sync", "debug"]]),
    });
    expect(logSpecOfEnvironment({ GGEN_LOG: "error", RUST_LOG: "trace" }).level).toBe("error");
    expect(logSpecOfEnvironment({}).level).toBe("info");
  });
});
