/** Hostile bytes for the decoders of this package; `pnpm soak fuzz` runs them. */
import { buildConfig } from "../../src/build-config.ts";
import { configKeys, parseAddress, parseLogSpec, peerIdOf, setConfigValue, whyUnreachable } from "../../src/index.ts";
import { parseToml, settingsOfToml } from "../../src/toml/parse-file.ts";
import { scanToml } from "../../src/toml/scan.ts";
import { settingsOfEnvironment } from "../../src/sources/environment.ts";
import { peerA } from "../fixtures.ts";

const text = (input: Uint8Array): string => Buffer.from(input).toString("utf8");

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

const file =
  `# a comment\n[p2p]\nlisten_addresses = ["/ip4/127.0.0.1/tcp/0"]\n\n[cache]\nmax_size_mb = 200 # inline\n\n` +
  `[network]\nprotocols = ["tcp"]\n\n[location]\nlatitude = 1.5\nlongitude = -3\nregion = "US-CA"\n`;
const inline = `p2p = { listen_addresses = ["""/ip4/0.0.0.0/tcp/1"""] }\n"cache"."max_size_mb" = 0x20\n`;
const words = [...configKeys.flatMap(({ key }) => [...key.split("."), key]), "[", "]", "= ", '"""', "'''", "{ ", "#"];
const address = `/ip4/10.0.0.1/tcp/4001/p2p/${peerA}`;

export const targets = {
  "config file": {
    kind: "text",
    seeds: [file, inline, ""],
    words,
    run(input: Uint8Array) {
      const settings = settingsOfToml(text(input), "config.toml");
      for (const setting of settings) setting.where("1");
      const { config, origins } = buildConfig(settings);
      check(Object.isFrozen(config.p2p.listenAddresses), "a configuration that can be changed");
      return [...origins.values()].filter(({ source }) => source === "file").length.toString();
    },
  },
  "config set": {
    kind: "text",
    seeds: [
      `cache.max_size_mb\n200\n${file}`,
      `location.region\n"DE"\n${inline}`,
      `p2p.listen_addresses\n/ip4/0.0.0.0/tcp/1\n`,
    ],
    words,
    run(input: Uint8Array) {
      const [key = "", value = "", ...rest] = text(input).split("\n");
      const before = rest.join("\n");
      const after = setConfigValue(before, key, value);
      check(setConfigValue(after, key, value) === after, "setting the same again changes the file");
      return (before.length === after.length).toString();
    },
  },
  "config layout": {
    kind: "text",
    seeds: [file, inline],
    words,
    run(input: Uint8Array) {
      const source = text(input);
      parseToml(source, "config.toml");
      const { statements, headers } = scanToml(source);
      for (const { start, end } of [...statements, ...headers]) {
        check(
          start >= 0 && start <= end && end <= source.length,
          `a place from ${start} to ${end} of ${source.length}`,
        );
      }
      return `${Math.min(statements.length, 9)} ${Math.min(headers.length, 9)}`;
    },
  },
  environment: {
    kind: "text",
    seeds: ["200", "true", "a,b", address],
    words: ["true", "false", ",", "0", "1e3", address],
    run(input: Uint8Array) {
      const value = text(input);
      const variables = configKeys.flatMap(({ environment }) => (environment === undefined ? [] : [environment]));
      let accepted = 0;
      let refusal: unknown;
      for (const name of variables) {
        try {
          buildConfig(settingsOfEnvironment({ [name]: value }));
          accepted++;
        } catch (error) {
          refusal = error;
        }
      }
      if (accepted === 0) throw refusal;
      return accepted.toString();
    },
  },
  "log levels": {
    kind: "text",
    seeds: ["info", "warn,node:sync=debug", "off, a::b=trace"],
    words: ["off", "trace", "=", ",", "::", "node:"],
    maxBytes: 6000,
    run: (input: Uint8Array) => parseLogSpec(text(input)).names.size.toString(),
  },
  address: {
    kind: "text",
    seeds: [
      address,
      "/ip6/::1/udp/1/quic-v1",
      "/dns4/example.org/tcp/443/wss",
      "/dnsaddr/example.org",
      `/ip4/1.2.3.4/tcp/1/p2p/${peerA}/p2p-circuit/p2p/${peerA}`,
      "/ip4/127.0.0.1/udp/1/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ",
      "/unix/tmp%2Fa.sock",
      "/memory/1",
    ],
    words: [
      "/ip4/",
      "/ip6/",
      "/dns/",
      "/tcp/",
      "/udp/",
      "/p2p/",
      "/ws",
      "/tls",
      "/http-path/",
      "/ip6zone/",
      "/ipcidr/",
      "/onion3/",
      "%2F",
    ],
    maxBytes: 1000,
    run(input: Uint8Array) {
      const parsed = parseAddress(text(input));
      check(parseAddress(parsed) === parsed, "an address whose canonical form has another");
      return `${whyUnreachable(parsed, ["tcp"])?.slice(0, 20)} ${peerIdOf(parsed) === undefined}`;
    },
  },
};
