import * as fc from "fast-check";
import { parse } from "smol-toml";
import { describe, expect, it } from "vitest";

import { setConfigValue } from "../../src/index.ts";
import { refusalOf } from "../errors.ts";

const file = `# my node
[p2p]
bootstrap_nodes = [ # friends
  "/ip4/203.0.113.1/tcp/1", # ann ] }
]
dht_server_mode = true # serve "others"

[cache] # small
max_size_mb = 50
`;

describe("setConfigValue", () => {
  it("replaces a value and nothing else", () => {
    expect(setConfigValue(file, "p2p.dht_server_mode", "false")).toBe(
      file.replace("dht_server_mode = true", "dht_server_mode = false"),
    );
    expect(setConfigValue(file, "cache.max_size_mb", " 200 ")).toBe(file.replace("= 50", "= 200"));
  });

  it("replaces a list over several lines, given as TOML or with commas", () => {
    const changed = setConfigValue(file, "p2p.bootstrap_nodes", "/ip4/203.0.113.2/tcp/1,/ip4/203.0.113.3/tcp/1");
    expect(parse(changed)).toMatchObject({
      p2p: { bootstrap_nodes: ["/ip4/203.0.113.2/tcp/1", "/ip4/203.0.113.3/tcp/1"], dht_server_mode: true },
    });
    expect(changed).toContain('# serve "others"');
    expect(parse(setConfigValue(file, "p2p.bootstrap_nodes", "[]"))).toMatchObject({ p2p: { bootstrap_nodes: [] } });
  });

  it("adds a key at the end of its table, and a table at the end of the file", () => {
    expect(setConfigValue(file, "p2p.query_timeout_secs", "9")).toBe(
      file.replace('# serve "others"\n', '# serve "others"\nquery_timeout_secs = 9\n'),
    );
    expect(setConfigValue(file, "http.port", "9000")).toBe(`${file}\n[http]\nport = 9000\n`);
    expect(setConfigValue("", "location.region", "US-CA")).toBe('[location]\nregion = "US-CA"\n');
    expect(setConfigValue("[http]", "http.port", "1")).toBe("[http]\nport = 1\n");
    expect(setConfigValue("[http]\r\nport = 1\r\n", "http.host", "::1")).toBe('[http]\r\nport = 1\r\nhost = "::1"\r\n');
    expect(setConfigValue('http.host = "::1"\n', "http.host", "localhost")).toBe('http.host = "localhost"\n');
  });

  it("is not led astray by keys and brackets inside texts", () => {
    const tricky = `[location]\nregion = """\n[http]\nport = 7\n"""\n[http]\nport = 8\n`;
    expect(setConfigValue(tricky, "http.port", "9")).toBe(tricky.replace("port = 8", "port = 9"));
  });

  it("quotes what needs quoting", () => {
    const changed = setConfigValue("", "location.region", 'a "b" \\ c # d');
    expect(parse(changed)).toEqual({ location: { region: 'a "b" \\ c # d' } });
  });

  it("refuses an unknown key with a suggestion, a wrong value, a file that is not TOML", async () => {
    const error = await refusalOf(() => setConfigValue(file, "cache.max_size", "1"), "config.invalid");
    expect(error.hint).toContain("cache.max_size_mb");
    expect(await refusalOf(() => setConfigValue(file, "cache.max_size_mb", "many"), "config.invalid")).toMatchObject({
      expected: "an integer from 1 to 16777216",
      got: '"many"',
    });
    await refusalOf(() => setConfigValue(file, "p2p.listen_addresses", "node1"), "address.invalid");
    await refusalOf(() => setConfigValue("[p2p", "http.port", "1"), "config.invalid");
  });

  it("refuses rather than harm a file that is written in another way", async () => {
    for (const text of ["http = { port = 1 }\n", "[[p2p.bootstrap_nodes]]\naddress = 'x'\n"]) {
      const key = text.startsWith("http") ? "http.host" : "p2p.bootstrap_nodes";
      const set = (): string => setConfigValue(text, key, text.startsWith("http") ? "::1" : "[]");
      expect((await refusalOf(set, "config.invalid")).hint).toBe("Change the file with an editor.");
    }
  });

  it("keeps everything else, whatever the texts around it hold", () => {
    const region = fc.string({ minLength: 1, maxLength: 30 }).filter((text) => /^[^\p{Cc}]+$/u.test(text));
    fc.assert(
      fc.property(region, fc.nat({ max: 65_535 }), (text, port) => {
        const before = setConfigValue(file, "location.region", JSON.stringify(text));
        const after = setConfigValue(before, "http.port", String(port));
        expect(parse(after)).toEqual({ ...parse(before), http: { port } });
        expect(parse(after)).toMatchObject({ location: { region: text } });
      }),
    );
  });
});
