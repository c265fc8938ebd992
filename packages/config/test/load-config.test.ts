import { execFileSync } from "node:child_process";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { configKeys, defineConfig, loadConfig, maxConfigBytes } from "../src/index.ts";
import { refusalOf } from "./errors.ts";
import { homeWith, peerA } from "./fixtures.ts";

/** The example of the original documents, word for word. */
const documented = `[registry]
url = "https://seanchatmangpt.github.io/ggen/registry/"

[p2p]
bootstrap_nodes = [
  "/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ"
]
listen_addresses = ["/ip4/0.0.0.0/tcp/0"]
dht_server_mode = true

[location]
latitude = 37.7749
longitude = -122.4194
region = "US-CA"

[cache]
max_size_mb = 100
ttl_minutes = 5
`;

describe("loadConfig", () => {
  it("gives the defaults, every key with its origin, when there is nothing to read", async () => {
    const home = await homeWith();
    const loaded = await loadConfig({ home, env: {} });
    expect(loaded.config).toEqual(defineConfig());
    expect(loaded.home).toBe(home);
    expect(loaded.file).toBeUndefined();
    expect(loaded.warnings).toEqual([]);
    expect([...loaded.origins.keys()].toSorted()).toEqual(configKeys.map(({ key }) => key).toSorted());
    for (const origin of loaded.origins.values()) expect(origin).toEqual({ source: "default", where: "built in" });
  });

  it("reads the documents' example, and warns of the address that no ggen node can have", async () => {
    const home = await homeWith(documented);
    const { config, warnings, origins, file } = await loadConfig({ home, env: {} });
    expect(file).toBe(join(home, "config.toml"));
    expect(config.registry.url).toBe("https://seanchatmangpt.github.io/ggen/registry/");
    expect(config.p2p.bootstrapNodes).toEqual([
      "/ip4/104.131.131.82/tcp/4001/p2p/QmaCpDMGvV2BGHeYERUEnRQAwe3N8SzbUtfsmvsqQLuvuJ",
    ]);
    expect(config.location).toEqual({ latitude: 37.7749, longitude: -122.4194, region: "US-CA" });
    expect(origins.get("p2p.dht_server_mode")).toEqual({ source: "file", where: `${home}/config.toml:9` });
    expect(warnings).toEqual([expect.stringContaining("Ed25519"), expect.stringContaining("registry.url")]);
  });

  it("lets flags beat the environment, the environment the file, the file the defaults", async () => {
    const home = await homeWith(`[p2p]\ndht_server_mode = true\nquery_timeout_secs = 5\n[http]\nport = 1\n`);
    const env = { GGEN_P2P_DHT_SERVER: "0", GGEN_P2P_LISTEN: "/ip4/127.0.0.1/tcp/1, /ip4/127.0.0.1/tcp/2" };
    const flags = { "p2p.listen_addresses": ["/ip4/127.0.0.1/tcp/3"], "http.host": undefined };
    const { config, origins } = await loadConfig({ home, env, flags });
    expect(config.p2p).toMatchObject({
      dhtServerMode: false,
      queryTimeoutSecs: 5,
      listenAddresses: ["/ip4/127.0.0.1/tcp/3"],
    });
    expect(origins.get("p2p.listen_addresses")).toEqual({ source: "flag", where: "--listen" });
    expect(origins.get("p2p.dht_server_mode")).toEqual({ source: "environment", where: "GGEN_P2P_DHT_SERVER" });
    expect(origins.get("http.port")).toEqual({ source: "file", where: `${home}/config.toml:5` });
    expect(origins.get("http.host")?.source).toBe("default");
  });

  it("is frozen to the last list", async () => {
    const { config } = await loadConfig({ home: await homeWith(documented), env: {} });
    expect(Object.isFrozen(config.p2p.bootstrapNodes) && Object.isFrozen(config.location)).toBe(true);
    expect(() => (config.network.protocols as string[]).push("quic")).toThrow(TypeError);
  });

  it("names every problem with its line, what was expected, what was got", async () => {
    const toml = `[p2p]
listen_adresses = ["/ip4/0.0.0.0/tcp/0"]
query_timeout_secs = 601
bootstrap_nodes = [
  "/ip4/127.0.0.1/tcp/4001",
  "node1",
]

[search]
default_limit = "ten"
`;
    const home = await homeWith(toml);
    const error = await refusalOf(() => loadConfig({ home, env: { GGEN_P2P_DHT_SERVER: "maybe" } }), "config.invalid");
    const file = join(home, "config.toml");
    expect(error.message.split("\n")).toEqual([
      "The configuration has 5 problems:",
      `  ${file}:2: p2p.listen_adresses is not a configuration key (did you mean p2p.listen_addresses?)`,
      `  ${file}:3: p2p.query_timeout_secs is out of range (expected an integer from 1 to 600, got 601)`,
      expect.stringMatching(/^ {2}\S+config\.toml:6: p2p\.bootstrap_nodes holds an address that cannot be parsed/),
      `  ${file}:10: search.default_limit is of the wrong type (expected an integer from 1 to 100, got "ten")`,
      '  GGEN_P2P_DHT_SERVER: p2p.dht_server_mode is of the wrong type (expected true or false, got "maybe")',
    ]);
    expect(error.data["problems"]).toHaveLength(5);
  });

  it("gives a single problem the fields that every error has", async () => {
    const home = await homeWith("[cache]\nmax_size_mb = -1\n");
    const error = await refusalOf(() => loadConfig({ home, env: {} }), "config.invalid");
    expect(error).toMatchObject({
      message: `${home}/config.toml:2: cache.max_size_mb is out of range`,
      expected: "an integer from 1 to 16777216",
      got: "-1",
    });
    const unknown = await refusalOf(
      async () => loadConfig({ home: await homeWith("[cach]\n"), env: {} }),
      "config.invalid",
    );
    expect(unknown.message).toContain("config.toml:1: cach is not a configuration key");
  });

  it("calls it address.invalid when only addresses are wrong, as node1,node2,node3 of the documents", async () => {
    const env = { GGEN_P2P_BOOTSTRAP: "node1,node2,node3" };
    const error = await refusalOf(async () => loadConfig({ home: await homeWith(), env }), "address.invalid");
    expect(error.message).toContain("GGEN_P2P_BOOTSTRAP: p2p.bootstrap_nodes");
    expect(error.data["problems"]).toHaveLength(3);
  });

  it("says where a file is not TOML", async () => {
    const home = await homeWith("[p2p]\ndht_server_mode = tru\n");
    const error = await refusalOf(() => loadConfig({ home, env: {} }), "config.invalid");
    expect(error.message).toBe(`${home}/config.toml:2:19: the file is not TOML`);
    expect(error.data).toMatchObject({ line: 2 });
  });

  it("refuses a table where a value belongs and a value where a table belongs", async () => {
    for (const toml of ["p2p = 3", "[[p2p]]", "[cache.max_size_mb]", "[p2p.dht_server_mode]\nx = 1"]) {
      const home = await homeWith(toml);
      const error = await refusalOf(() => loadConfig({ home, env: {} }), "config.invalid");
      expect(error.message).toMatch(/config\.toml:[12]: /);
    }
  });

  it("does not take a quoted key with dots for a key, nor one named like a part of every object", async () => {
    for (const toml of ['"cache.max_size_mb" = 7', "__proto__ = 1", "[__proto__]\nx = 1", "[constructor]\nx = 1"]) {
      const home = await homeWith(toml);
      const error = await refusalOf(() => loadConfig({ home, env: {} }), "config.invalid");
      expect(error.message).toContain("is not a configuration key");
    }
  });

  it("refuses what a naive reader would take: a huge file, bytes that are no text, deep nesting, a folder", async () => {
    const huge = `# ${"x".repeat(maxConfigBytes)}\n`;
    expect(
      (await refusalOf(async () => loadConfig({ home: await homeWith(huge), env: {} }), "config.invalid")).message,
    ).toContain("too large");
    const bytes = Uint8Array.of(0x23, 0xff, 0xfe, 0x0a);
    expect(
      (await refusalOf(async () => loadConfig({ home: await homeWith(bytes), env: {} }), "config.invalid")).got,
    ).toBe("other bytes");
    const deep = `x = ${"[".repeat(5000)}${"]".repeat(5000)}`;
    await refusalOf(async () => loadConfig({ home: await homeWith(deep), env: {} }), "config.invalid");
    const home = await homeWith();
    await mkdir(join(home, "config.toml"));
    await refusalOf(() => loadConfig({ home, env: {} }), "config.unreadable");
    await refusalOf(() => loadConfig({ home, file: "/dev/null", env: {} }), "config.unreadable");
  });

  it.runIf(process.platform !== "win32")("does not wait for a named pipe", async () => {
    const pipe = join(await homeWith(), "pipe.toml");
    execFileSync("mkfifo", [pipe]);
    const error = await refusalOf(() => loadConfig({ file: pipe, env: {} }), "config.unreadable");
    expect(error.got).toBe("it is not a regular file");
  });

  it("needs a named file to exist, and follows a link to it", async () => {
    const home = await homeWith();
    await refusalOf(() => loadConfig({ home, file: join(home, "other.toml"), env: {} }), "config.unreadable");
    await writeFile(join(home, "real.toml"), "[http]\nport = 9\n");
    await symlink(join(home, "real.toml"), join(home, "link.toml"));
    expect((await loadConfig({ home, file: join(home, "link.toml"), env: {} })).config.http.port).toBe(9);
  });

  it("finds the home in the environment", async () => {
    const home = await homeWith("[http]\nport = 9\n");
    const loaded = await loadConfig({ env: { GGEN_HOME: home, GGEN_LOG: "debug" } });
    expect(loaded.config.http.port).toBe(9);
    expect(loaded.log.level).toBe("debug");
  });

  it("takes bootstrap nodes as tables too", async () => {
    const home = await homeWith(`[[p2p.bootstrap_nodes]]\npeer_id = "${peerA}"\naddress = "/ip4/127.0.0.1/tcp/4001"\n`);
    const { config } = await loadConfig({ home, env: {} });
    expect(config.p2p.bootstrapNodes).toEqual([`/ip4/127.0.0.1/tcp/4001/p2p/${peerA}`]);
  });
});

it("says which settings this version reads but does not act on", async () => {
  const flags = {
    "dht.amino": true,
    "registry.url": "https://example.org/index/",
  };
  const { warnings } = await loadConfig({ home: await homeWith(), env: {}, flags });
  expect(warnings.map((text) => text.split(":", 1)[0])).toEqual(["registry.url", "dht.amino"]);
});
