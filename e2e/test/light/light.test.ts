import { statSync } from "node:fs";
import { join } from "node:path";

import { createHome, ggen, type NodeProcess, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import {
  bootstrapTo,
  commandsIn,
  install,
  payloadOf,
  publish,
  runPrinted,
  startAmong,
  untilEqual,
} from "../attacks/support/attacked.ts";
import { startWeakened } from "../attacks/support/weakened.ts";
import { answerOf, type Installed, refusalOf, type SearchRow, type Status } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { emptyFolder } from "../support/places.ts";

const config = '[network]\nmdns = false\n\n[catalog]\nmode = "light"\n';
const id = "io.example.fresh";
/** Each has three operations. */
const strangers = 400;

interface LightStatus extends Status {
  readonly operations: number;
  readonly light?: { readonly fullPeers: number; readonly followed: number };
  readonly warnings: readonly string[];
}
interface Asked {
  readonly asked: {
    readonly asked: readonly string[];
    readonly answered: readonly string[];
    readonly lacking: readonly string[];
  };
}
interface Found extends Asked {
  readonly results: readonly SearchRow[];
}
interface Info extends Asked {
  readonly versions: readonly { readonly version: string }[];
}

const lightStatus = ({ home }: { readonly home: string }): Promise<LightStatus> =>
  answerOf(home, ["marketplace", "p2p", "status"]);
const infoOf = ({ home }: { readonly home: string }): Promise<Info> => answerOf(home, ["marketplace", "info", id]);
const untilAsks = (node: NodeProcess, fullPeers: number): Promise<unknown> =>
  vi.waitUntil(async () => ((await lightStatus(node)).light?.fullPeers ?? 0) >= fullPeers, { timeout: 30_000 });

it("a light node finds, installs and updates by asking three full nodes, one of which keeps news back", async () => {
  const owner = await startNode({ home: createHome() });
  const flooder = startHostile("flooder.ts", ["127.0.14.2", owner.addresses[0] ?? "", String(strangers)]);
  // On whatever cores there are.
  await vi.waitUntil(() => flooder.events.some(({ event }) => event === "pushed"), { timeout: 90_000, interval: 50 });
  expect(await flooder.event("pushed")).toMatchObject({ rejected: 0 });
  await flooder.stop();
  await publish(owner.home, id, "1.0.0", "old");
  const mirror = await startAmong(owner);
  await untilEqual(owner, mirror);
  const freezer = startHostile("withholder.ts", ["127.0.14.1", "freeze", owner.addresses[0] ?? ""]);
  const { addresses, peerId: hidesNews } = (await freezer.event("ready")) as {
    readonly addresses?: readonly string[];
    readonly peerId?: string;
  };
  freezer.tell("freeze");
  await freezer.event("frozen");
  await publish(owner.home, id, "1.1.0", "with the hole closed");

  const met = ["--bootstrap", addresses?.[0] ?? ""];
  // The harm, though honest nodes are connected too: the first one decides.
  const weak = await startWeakened("first-answer-only", met, createHome({ config }));
  await untilAsks(weak, 1);
  await answerOf(weak.home, ["marketplace", "p2p", "bootstrap", owner.addresses[0] ?? ""]);
  await untilAsks(weak, 2);
  expect((await infoOf(weak)).versions.map(({ version }) => version)).toEqual(["1.0.0"]);
  expect(await install(weak.home, id)).toEqual({ version: "1.0.0", says: "old" });
  await weak.stop();

  const light = await startNode({
    home: createHome({ config }),
    args: [...met, ...bootstrapTo(owner, mirror)],
  });
  await untilAsks(light, 3);
  const before = await lightStatus(light);
  expect(before).toMatchObject({ operations: 0, packages: 0, sync: { state: "asking" }, light: { followed: 0 } });
  expect(before.warnings.filter((text) => text.includes("catalog.mode"))).toEqual([]);

  const found = await answerOf<Found>(light.home, ["marketplace", "search", "fresh"]);
  expect(found.results.map((row) => [row.package.id, row.package.version])).toEqual([[id, "1.1.0"]]);
  expect(found.asked.asked).toHaveLength(3);
  const info = await infoOf(light);
  expect(info.versions.map(({ version }) => version)).toEqual(["1.0.0", "1.1.0"]);
  expect(info.asked.answered).toHaveLength(3);
  expect(info.asked.lacking).toEqual([hidesNews]);
  const { stdout } = await ggen(light.home, ["marketplace", "info", id]);
  expect(stdout).toContain(`asked 3 full nodes; less than others gave ${hidesNews}`);

  const target = emptyFolder();
  const installed = await answerOf<Installed & Asked>(light.home, ["marketplace", "install", id, "--target", target]);
  expect(installed.packages).toMatchObject([{ id, version: "1.1.0" }]);
  expect(payloadOf(target, id)).toBe("with the hole closed");
  expect(installed.asked.lacking).toEqual([hidesNews]);
  // What is installed is followed: its news comes by itself, and nobody else's does.
  await publish(mirror.home, "io.example.elsewhere", "1.0.0", "of somebody else");
  await publish(owner.home, id, "1.2.0", "newer still");
  await answerOf(light.home, ["marketplace", "update", id, "--target", target]);
  expect(payloadOf(target, id)).toBe("newer still");

  const [all, kept] = await Promise.all([lightStatus(owner), lightStatus(light)]);
  expect(all.operations).toBeGreaterThan(3 * strangers);
  expect(kept).toMatchObject({ packages: 1, light: { fullPeers: 3, followed: 1 } });
  expect(kept.operations).toBeLessThan(10);
  const none = await refusalOf(light.home, ["marketplace", "install", "io.example.nothing", "--target", target]);
  expect(none).toMatchObject({
    code: "package.not-found",
    message: expect.stringMatching(/[23] full nodes know of none/),
  });

  // With nobody but the one that keeps back, "there is none" is not believed, and a found one comes with a warning.
  await Promise.all([owner.stop(), mirror.stop()]);
  await vi.waitUntil(async () => (await lightStatus(light)).light?.fullPeers === 1, { timeout: 30_000 });
  const alone = await refusalOf(light.home, ["marketplace", "info", "io.example.nobody"]);
  expect(alone).toMatchObject({ code: "registry.incomplete", got: `1 of 1; asked were ${hidesNews}` });
  const back = await startNode({ home: mirror.home });
  const [command = ""] = commandsIn(alone.hint);
  expect(await runPrinted(light.home, command, { MULTIADDR: back.addresses[0] ?? "" })).toMatchObject({ code: 0 });
  await untilAsks(light, 2);
  const again = await refusalOf(light.home, ["marketplace", "info", "io.example.nobody"]);
  expect(again.code).toBe("package.not-found");
  await light.stop();
  const sizes = [light, owner].map(({ home }) => statSync(join(home, "catalog.db")).size);
  expect(sizes[0]).toBeLessThan((sizes[1] ?? 0) / 4);
}, 240_000);
