import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome } from "@ggen/testkit";
import { describe, expect, it, onTestFinished } from "vitest";

import { faultsOf, giveAway, hasUnprivileged, startOnce } from "../support/failures.ts";
import { writePackage } from "../support/packages.ts";
import { takePort } from "../support/ports.ts";

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
const local = ["--listen", "/ip4/127.0.0.1/tcp/0"];
const p2p = ["marketplace", "p2p"];

describe("starting", () => {
  it("refuses a port that is taken, for listening and for the gateway", async () => {
    const { port, server } = await takePort();
    onTestFinished(() => void server.close());
    const home = createHome();
    await startOnce(home);
    for (const daemon of [[], ["--daemon"]]) {
      const start = [...p2p, "start", ...daemon];
      const listen = ["--listen", `/ip4/127.0.0.1/tcp/${port}`];
      const names = [String(port)];
      expect(await faultsOf(home, { args: [...start, ...listen], code: "network.listen-failed", says: names })).toEqual(
        [],
      );
      const http = [...local, "--http", `127.0.0.1:${port}`];
      expect(await faultsOf(home, { args: [...start, ...http], code: "http.port-taken", says: names })).toEqual([]);
    }
  });

  it.each([
    { flags: ["--listen", "nonsense"], code: "address.invalid", says: ["--listen", "nonsense"] },
    { flags: ["--bootstrap", "/ip4/1.2.3.4.5/tcp/1"], code: "address.invalid", says: ["--bootstrap"] },
    { flags: ["--http", "99999"], code: "usage.invalid", says: ["99999"] },
    { flags: ["--config", "/nowhere/config.toml"], code: "config.unreadable", says: ["/nowhere/config.toml"] },
    { flags: ["--config", "/"], code: "config.unreadable", says: [/file/] },
  ])("refuses $flags, in both forms", async ({ flags, code, says }) => {
    const home = createHome();
    expect(await faultsOf(home, { args: [...p2p, "start", ...flags], code, says })).toEqual([]);
    expect(await faultsOf(home, { args: [...p2p, "start", "--daemon", ...flags], code, says })).toEqual([]);
  });

  it.each([
    {
      title: "an unknown key",
      text: "[cache]\nmax_size = 5\n",
      code: "config.invalid",
      says: [/toml:2:/, "max_size_mb"],
    },
    {
      title: "a wrong type",
      text: '[cache]\nmax_size_mb = "much"\n',
      code: "config.invalid",
      says: [/toml:2:/, "much"],
    },
    {
      title: "a value out of range",
      text: "[search]\nmin_reputation = 2\n",
      code: "config.invalid",
      says: [/toml:2:/],
    },
    { title: "no TOML", text: "[cache\n", code: "config.invalid", says: [/toml:1:7:/] },
    {
      title: "no address",
      text: '[p2p]\nbootstrap_nodes = ["here"]\n',
      code: "address.invalid",
      says: [/toml:2:/, "here"],
    },
  ])("refuses a configuration file with $title, for every command", async ({ text, code, says }) => {
    const home = createHome({ config: text });
    for (const args of [
      [...p2p, "start"],
      [...p2p, "start", "--daemon"],
      ["marketplace", "search", "x"],
    ]) {
      expect(await faultsOf(home, { args, code, says: ["config.toml", ...says] })).toEqual([]);
    }
  });

  it.each([
    ["GGEN_P2P_BOOTSTRAP", "nonsense", "address.invalid"],
    ["GGEN_P2P_LISTEN", "7777", "address.invalid"],
    ["GGEN_P2P_DHT_SERVER", "perhaps", "config.invalid"],
  ])("refuses %s=%s", async (name, value, code) => {
    const home = createHome();
    expect(
      await faultsOf(home, { args: [...p2p, "start"], env: { [name]: value }, code, says: [name, value] }),
    ).toEqual([]);
  });

  it("refuses a home that cannot be made, in every command that needs one", async () => {
    const folder = createHome();
    writeFileSync(join(folder, "file"), "");
    const path = writePackage(join(folder, "package"), "io.example.package");
    const home = join(folder, "file", "home");
    for (const args of [
      [...p2p, "start", ...local],
      [...p2p, "start", "--daemon", ...local],
      ["marketplace", "publish", path],
      ["config", "set", "cache.max_size_mb", "5"],
    ]) {
      expect(await faultsOf(folder, { args, home, code: "home.unwritable", says: [join(folder, "file")] })).toEqual([]);
    }
  });

  it.runIf(hasUnprivileged)(
    "refuses a home that may not be written, and a configuration that may not be read",
    async () => {
      const home = createHome();
      giveAway(home);
      chmodSync(home, 0o555);
      const as = { unprivileged: true };
      for (const daemon of [[], ["--daemon"]]) {
        const args = [...p2p, "start", ...local, ...daemon];
        expect(await faultsOf(home, { ...as, args, code: "home.unwritable", says: [home] })).toEqual([]);
      }
      chmodSync(join(home, "config.toml"), 0o000);
      expect(
        await faultsOf(home, { ...as, args: [...p2p, "start"], code: "config.unreadable", says: ["config.toml"] }),
      ).toEqual([]);
    },
  );
});
