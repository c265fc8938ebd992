import { createHash } from "node:crypto";
import { readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

import {
  createHome,
  createLocalNetwork,
  ggen,
  homeEnvironment,
  needs,
  type NodeProcess,
  processesOf,
  startNode,
  treeFiles,
} from "@ggen/testkit";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { block, commands } from "./support/documents.ts";
import { examplePackages, writePackage } from "./support/packages.ts";
import { commandPath, openTerminal, runScript, type ScriptResult } from "./support/shell.ts";

// With network namespaces, everything is as shipped: two machines on a network of their own find each other by mDNS.
// Without, the newcomer is told the publisher's address, and mDNS is off.
const [publisherMachine, newcomerMachine] = needs("network-namespaces") ? createLocalNetwork(2) : [];
const isolated = newcomerMachine !== undefined;
const patient = { timeout: 30_000, interval: 250 };

let publisher: NodeProcess;

beforeAll(async () => {
  const home = createHome(isolated ? { config: "" } : {});
  const place = publisherMachine === undefined ? {} : { namespace: publisherMachine };
  publisher = await startNode({ home, ...place, args: ["--http", isolated ? "8080" : "0"] });
  for (const name of ["cli-ontology", "cli-shapes", "rust-errors", "rust-cli", "rust-cli-subcommand"]) {
    const published = await ggen(home, ["marketplace", "publish", join(examplePackages, name), "--json"]);
    if (published.code !== 0) throw new Error(published.stdout);
  }
});

/** Somebody with an empty home folder and `ggen` on their path. */
interface Newcomer {
  /** `~` */
  readonly folder: string;
  /** `~/.ggen` */
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  readonly before: readonly string[];
  /** Types lines of a document; fails when one of them does. */
  type(lines: string): Promise<string>;
}

function createNewcomer(): Newcomer {
  const home = createHome({ name: ".ggen" });
  const folder = dirname(home);
  if (isolated) rmSync(home, { recursive: true });
  const { GGEN_HOME: _, ...env } = homeEnvironment(home, { HOME: folder, PATH: commandPath(folder) });
  if (!isolated) env["GGEN_P2P_BOOTSTRAP"] = publisher.addresses[0] ?? "";
  const before = isolated ? ["ip", "netns", "exec", newcomerMachine] : [];
  // A line that fails says so, and the next ones are typed all the same. `watch` shows its command once.
  const prelude = `trap 'echo "FAILED($?): $BASH_COMMAND"' ERR\nwatch() { shift 2; bash -c "$1"; }\n`;
  return {
    folder,
    home,
    env,
    before,
    async type(lines) {
      const result: ScriptResult = await runScript(`${prelude}${lines}`, env, { cwd: folder, before });
      expect(result.output).not.toContain("FAILED(");
      expect(result.code).toBe(0);
      return result.output;
    },
  };
}

async function stopDaemon(newcomer: Newcomer): Promise<void> {
  await newcomer.type("ggen marketplace p2p stop");
  expect(processesOf(newcomer.home)).toEqual([]);
}

describe("the workflows of the documents", () => {
  it("Setup P2P Node, then Search and Install on it", async () => {
    const newcomer = createNewcomer();
    const setUp = await newcomer.type(block("Common Workflows", "Setup P2P Node"));
    expect(setUp).toMatch(/warning: .*\/ip4\/104\.131\.131\.82\/tcp\/4001\S* cannot be reached: \w+/);
    expect(setUp).toMatch(/peer id: +12D3Koo/);
    expect(setUp).toMatch(/log file: .*\.ggen\/logs\/node\.log/);
    expect(setUp).toMatch(/status: +running/);
    expect(setUp).toMatch(/listen_addresses: +\/ip4\/[\d.]+\/tcp\/\d+\/p2p\/12D3Koo/);
    // The flag beats GGEN_P2P_BOOTSTRAP.
    if (!isolated) await newcomer.type(`ggen marketplace p2p bootstrap ${publisher.addresses[0]}`);
    await expect
      .poll(() => newcomer.type("ggen marketplace p2p peer-list; ggen marketplace p2p status"), patient)
      .toMatch(new RegExp(`${publisher.peerId}[^]*sync: +synced`));

    const installed = await newcomer.type(block("Common Workflows", "Search and Install"));
    // A peer that has proved nothing yet has no reputation; --min-reputation says what it hid.
    expect(installed).toMatch(/^[2-9] packages hidden: no known holder reaches/m);
    expect(installed).toMatch(/io\.ggen\.rust\.cli-subcommand@1\.2\.0 .*verified/);
    expect(installed).toMatch(/^io\.ggen\.rust\.cli-subcommand +1\.2\.0/m);
    await stopDaemon(newcomer);
  });

  it("Search and Install on a machine where no node runs", async () => {
    const newcomer = createNewcomer();
    const output = await newcomer.type(block("Common Workflows", "Search and Install"));
    expect(output).toContain("note: the node is not running; this is what the local catalogue knows");
    expect(output).toContain("starting a node for this command");
    expect(output).toMatch(/^io\.ggen\.rust\.cli-subcommand +1\.2\.0/m);
    expect(await treeFiles(join(newcomer.home, "packages/io.ggen.rust.cli-subcommand"))).toEqual(
      await treeFiles(join(examplePackages, "rust-cli-subcommand")),
    );
    expect(processesOf(newcomer.home)).toEqual([]);
  });

  it("Publish Package", async () => {
    const newcomer = createNewcomer();
    const output = await newcomer.type(block("Common Workflows", "Publish Package"));
    expect(output).toContain("Published io.example.my-package@1.0.0");
    expect(output).toContain("it will be announced when the node starts");
    expect(output).toMatch(/^io\.example\.my-package +1\.0\.0 .*Example package/m);
  });

  it("Monitor Network", async () => {
    const newcomer = createNewcomer();
    const output = await newcomer.type(block("Common Workflows", "Monitor Network"));
    expect(output).toMatch(/PEER ID|No peers yet/);
    expect(output).toMatch(/status: +running/);
    expect(await newcomer.type("ggen marketplace p2p logs")).toMatch(/^\S+ debug /m);
    await stopDaemon(newcomer);
  });
});

describe.runIf(isolated)("the common commands of the documents", () => {
  it("start a node, in every form", async () => {
    const newcomer = createNewcomer();
    const forms = commands("Common Commands", "Start P2P Node");
    expect(forms).toHaveLength(4);
    for (const form of forms) {
      if (form.includes("--daemon")) {
        await newcomer.type(form);
        await stopDaemon(newcomer);
        continue;
      }
      const terminal = openTerminal(newcomer.env, { cwd: newcomer.folder, before: newcomer.before });
      onTestFinished(() => terminal.close());
      terminal.type(`${form}\n`);
      await expect.poll(terminal.screen, patient).toContain("Ctrl-C stops the node.");
      if (form.includes("7777")) expect(terminal.screen()).toMatch(/\/ip4\/10\.77\.0\.2\/tcp\/7777\/p2p\/12D3/);
      terminal.type('\x03echo "status=$?"\n');
      await expect.poll(terminal.screen, patient).toMatch(/status=\d+/);
      expect(terminal.screen()).toContain("status=0");
      await terminal.close();
    }
  });

  it("search, publish, and look after peers", async () => {
    const newcomer = createNewcomer();
    writePackage(join(newcomer.folder, "my-package"), "io.example.another-package");
    await newcomer.type("ggen marketplace p2p start --daemon");
    await expect.poll(() => newcomer.type("ggen marketplace p2p status"), patient).toMatch(/sync: +synced/);
    expect(await newcomer.type(block("Common Commands", "Search Packages"))).toMatch(
      /^io\.ggen\.rust\.cli-subcommand +1\.2\.0/m,
    );

    const published = await newcomer.type(block("Common Commands", "Publish Package"));
    expect(published).toContain("Published io.example.another-package@1.0.0");
    expect(published.match(/io\.example\.another-package@1\.0\.0 was already published/g)).toHaveLength(2);

    const lines = block("Common Commands", "Peer Management")
      .replace("<peer-id>", publisher.peerId)
      .replace("<node-address>", publisher.addresses.find((address) => address.includes("10.77.")) ?? "");
    const peers = await newcomer.type(lines);
    expect(peers).toContain(`"peerId": "${publisher.peerId}"`);
    expect(peers).toMatch(/agent: +ggen\/2\.4\.0/);
    expect(peers).toMatch(/answers: +\d+ good/);
    await stopDaemon(newcomer);
  });

  it("ask the gateway with curl", async () => {
    const newcomer = createNewcomer();
    const [info = "", list = "", metadata = "", download = "", archive = ""] = commands("HTTP API", "Endpoints");
    const inPublisher = { cwd: newcomer.folder, before: ["ip", "netns", "exec", publisherMachine ?? ""] };
    const curl = async (command: string): Promise<Record<string, unknown>> => {
      const quiet = command.replace("curl", "curl --silent --show-error --fail");
      const { code, output } = await runScript(quiet, newcomer.env, inPublisher);
      expect({ code, output }).toMatchObject({ code: 0 });
      return output === "" ? {} : (JSON.parse(output) as Record<string, unknown>);
    };
    expect(await curl(info)).toMatchObject({ version: "2.4.0", peer_id: publisher.peerId });
    const listed = expect.objectContaining({ id: "io.ggen.rust.cli", version: "1.3.0" }) as unknown;
    expect(await curl(list)).toMatchObject({ packages: expect.arrayContaining([listed]) as unknown });
    expect(await curl(metadata)).toMatchObject({ id: "io.ggen.rust.cli", version: "1.3.0", license: "MIT" });
    const { checksum, algorithm } = await curl(download);
    expect(algorithm).toBe("SHA256");
    await curl(archive);
    const bytes = readFileSync(join(newcomer.folder, "download"));
    expect(`sha256:${createHash("sha256").update(bytes).digest("hex")}`).toBe(checksum);
  });
});
