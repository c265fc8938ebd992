import { existsSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";

import {
  answerOf,
  type Installed,
  refusalOf,
  type SearchRow,
  statusOf,
  untilCatalogueIs,
} from "./support/catalogue.ts";
import { type HostilePeer, startHostile } from "./support/hostile.ts";
import { expectedTree } from "./support/package-tree.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { seededBytes } from "./support/random-files.ts";

/** What a liar serves, the size of the package that it lies about, and what is remembered of it. */
const lies = [
  { mode: "wrong-bytes", content: "one chunk", remembered: "lies" },
  { mode: "wrong-bytes", content: "several chunks", remembered: "lies" },
  { mode: "too-short", content: "one chunk", remembered: "lies" },
  { mode: "oversize", content: "one chunk", remembered: "failures" },
  { mode: "silence", content: "one chunk", remembered: undefined },
  { mode: "silence", content: "several chunks", remembered: undefined },
  { mode: "noise", content: "several chunks", remembered: "failures" },
] as const;

let honest: NodeProcess;
let victim: NodeProcess;
let liar: HostilePeer | undefined;

beforeAll(async () => {
  honest = await startNode({ home: createHome() });
  victim = await startNode({ home: createHome(), args: ["--bootstrap", honest.addresses[0] ?? ""] });
});
afterEach(() => liar?.stop());

/** Publishes a package of its own for one test, and waits until the victim knows of it. */
async function publish(name: string, content: string): Promise<{ folder: string; row: SearchRow["package"] }> {
  const id = `io.example.${name}`;
  const folder = emptyFolder();
  const bytes = content === "one chunk" ? 3000 : 1_600_000;
  writePackage(folder, id, { files: { "data.txt": seededBytes(name, bytes).toString("hex") } });
  const row = await answerOf<SearchRow["package"]>(honest.home, ["marketplace", "publish", folder]);
  await untilCatalogueIs(victim.home, (await statusOf(honest.home)).catalogFingerprint);
  return { folder, row };
}

async function startLiar(mode: string, { id, cid, size }: SearchRow["package"]): Promise<string> {
  const [address = ""] = victim.addresses;
  liar =
    mode === "noise"
      ? startHostile("garbler.ts", [address])
      : startHostile("liar.ts", [mode, address, id, cid, `${size}`]);
  return (await liar.event("ready"))["peerId"] as string;
}

interface Remembered {
  readonly reputation: {
    readonly evidence: { readonly lies: number; readonly failures: number; readonly bytes: number };
  };
}
const evidenceOf = async (peerId: string): Promise<Remembered["reputation"]["evidence"]> =>
  (await answerOf<Remembered>(victim.home, ["marketplace", "p2p", "peer-info", peerId, "--full"])).reputation.evidence;

describe("a holder that serves something else", () => {
  it.for(lies)(
    "$mode for $content: the fetch goes on with the honest holder",
    async ({ mode, content, remembered }) => {
      const { folder, row } = await publish(`${mode}.${content.replace(" ", "-")}`, content);
      const liarId = await startLiar(mode, row);
      const target = emptyFolder();

      // The honest holder hears nothing until the liar was asked and judged: so the liar comes first.
      process.kill(honest.pid, "SIGSTOP");
      const installing = ggen(victim.home, ["marketplace", "install", row.id, "--target", target, "--json"]);
      await liar?.event("asked");
      if (remembered !== undefined) {
        await vi.waitUntil(async () => (await evidenceOf(liarId))[remembered] > 0, { timeout: 20_000 });
      }
      process.kill(honest.pid, "SIGCONT");

      const result = await installing;
      expect(result).toMatchObject({ code: 0, stderr: "" });
      const [installed] = (result.json() as Installed).packages;
      expect(installed?.peers.map(({ peerId }) => peerId)).toEqual([honest.peerId]);
      expect(await treeFiles(join(target, row.id))).toEqual(await expectedTree(folder));
      expect((await evidenceOf(liarId)).bytes).toBe(0);
    },
  );
});

it("with nobody but a liar: one refusal that says so, and nothing is installed", async () => {
  const { row } = await publish("only-a-liar", "one chunk");
  const liarId = await startLiar("wrong-bytes", row);
  await honest.kill();
  const target = join(emptyFolder(), "not-made");

  const refusal = await refusalOf(victim.home, ["marketplace", "install", row.id, "--target", target]);
  expect(refusal).toMatchObject({ code: "package.no-providers", exit: 6 });
  expect(refusal.got).toContain(`${liarId}: sent bytes that do not match their hash`);
  expect(existsSync(target)).toBe(false);
});
