import { createHome, ggen, type NodeProcess, startNode } from "@ggen/testkit";
import { beforeAll, describe, expect, it, vi } from "vitest";

import { answerOf, refusalOf } from "../support/catalogue.ts";
import { type HostilePeer, startHostile } from "../support/hostile.ts";
import { emptyFolder } from "../support/places.ts";
import { bootstrapTo, commandsIn, install, publish, runPrinted, startAmong, untilEqual } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.small";
/** Nobody but its publisher holds it. */
const unseen = "io.example.unseen";
let owner: NodeProcess;
let weak: NodeProcess;
let strong: NodeProcess;
/** The same two, and nobody whom they know: they have to ask others for everything. */
let lonelyWeak: NodeProcess;
let lonelyStrong: NodeProcess;

beforeAll(async () => {
  owner = await startNode({ home: createHome() });
  await publish(owner.home, id, "1.0.0", "honest");
  [weak, strong, lonelyWeak, lonelyStrong] = await Promise.all([
    startWeakened("endless-data", bootstrapTo(owner)),
    startAmong(owner),
    startWeakened("endless-data"),
    startNode({ home: createHome() }),
  ]);
  await publish(owner.home, unseen, "1.0.0", "honest", "", ["--replicas", "0"]);
  await untilEqual(owner, weak, strong);
});

let hosts = 0;
/** Starts a peer that never stops sending, and connects a node to it. */
async function connectFirehose(mode: string, victim: NodeProcess): Promise<HostilePeer> {
  hosts += 1;
  const firehose = startHostile("firehose.ts", [mode, `127.0.10.${hosts}`, victim.addresses[0] ?? ""]);
  const { addresses } = (await firehose.event("ready")) as { readonly addresses?: readonly string[] };
  await answerOf(victim.home, ["marketplace", "p2p", "bootstrap", addresses?.[0] ?? ""]);
  return firehose;
}
const drowned = (firehose: HostilePeer): boolean => firehose.events.some(({ event }) => event === "drowned");

/**
 * Shows the harm, whatever the peer likes to send is taken, and then what the product does.
 * @param ask - makes a node ask the peer for something
 * @returns whether the product cut the peer off in time
 */
async function isCutOff(
  mode: string,
  [first, second]: readonly [NodeProcess, NodeProcess],
  ask: (node: NodeProcess) => unknown = () => {},
): Promise<boolean> {
  const onWeak = await connectFirehose(mode, first);
  const asking = Promise.allSettled([ask(first)]);
  await onWeak.event("drowned");
  await onWeak.stop();
  await asking;

  const firehose = await connectFirehose(mode, second);
  await ask(second);
  await firehose.event("cut");
  await firehose.stop();
  return !drowned(firehose);
}

describe("endless data: a peer that never stops sending is cut off", () => {
  it.for(["sync", "operations"])("in its answers of %s", async (mode) => {
    expect(await isCutOff(mode, [weak, strong])).toBe(true);
    expect(await install(strong.home, id)).toMatchObject({ says: "honest" });
  });

  it("in its answer to a search", async () => {
    const search = ({ home }: NodeProcess): Promise<unknown> => answerOf(home, ["marketplace", "search", "small"]);
    expect(await isCutOff("search", [lonelyWeak, lonelyStrong], search)).toBe(true);
  });

  it("in its answer to a challenge", async () => {
    // That it goes on waiting for a copy which nobody gives is not looked at.
    const challenge = ({ home }: NodeProcess): void => {
      publish(home, "io.example.challenged", "1.0.0", "x", "", ["--replicas", "1"]).catch(() => {});
    };
    expect(await isCutOff("receipt", [lonelyWeak, lonelyStrong], challenge)).toBe(true);
    await lonelyStrong.stop();
  });

  it("in its requests, of every protocol", async () => {
    const protocolsOf = ({ events }: HostilePeer, name: string): number =>
      new Set(events.filter(({ event }) => event === name).map(({ protocol }) => protocol)).size;
    const onWeak = startHostile("firehose.ts", ["pour", "127.0.10.98", lonelyWeak.addresses[0] ?? ""]);
    await onWeak.event("ready");
    await vi.waitUntil(() => protocolsOf(onWeak, "drowned") === 6, { timeout: 30_000 });
    await Promise.all([onWeak.stop(), lonelyWeak.stop()]);

    const firehose = startHostile("firehose.ts", ["pour", "127.0.10.99", owner.addresses[0] ?? ""]);
    await firehose.event("ready");
    await vi.waitUntil(() => protocolsOf(firehose, "cut") === 6, { timeout: 30_000 });
    expect(drowned(firehose)).toBe(false);
    expect(await ggen(owner.home, ["marketplace", "search", "small"])).toMatchObject({ code: 0 });
    await firehose.stop();
  });

  it("in what it gives of a content: the fetch is refused with the command that goes on", async () => {
    await owner.stop();
    let refusal: Awaited<ReturnType<typeof refusalOf>> | undefined;
    const fetch = async ({ home }: NodeProcess): Promise<void> => {
      refusal = await refusalOf(home, ["marketplace", "install", unseen, "--target", emptyFolder()]);
    };
    expect(await isCutOff("chunks", [weak, strong], fetch)).toBe(true);
    expect(refusal).toMatchObject({ code: "package.no-providers", exit: 6 });
    expect(refusal?.got).toContain("broke the protocol");

    owner = await startNode({ home: owner.home });
    const [command = ""] = commandsIn(refusal?.hint ?? "");
    const MULTIADDR = owner.addresses[0] ?? "";
    expect(await runPrinted(strong.home, command, { MULTIADDR })).toMatchObject({ code: 0 });
    expect(await install(strong.home, unseen)).toEqual({ version: "1.0.0", says: "honest" });
  });
});
