import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, type NodeProcess, startNode } from "@ggen/testkit";
import { beforeAll, expect, it, vi } from "vitest";

import {
  bootstrapTo,
  install,
  keyFileOf,
  payloadOf,
  publish,
  startAmong,
  untilEqual,
  versionsOf,
} from "../attacks/support/attacked.ts";
import { startWeakened } from "../attacks/support/weakened.ts";
import { answerOf, refusalOf, statusOf } from "../support/catalogue.ts";
import { type HostilePeer, startHostile } from "../support/hostile.ts";
import { writePackage } from "../support/packages.ts";
import { emptyFolder } from "../support/places.ts";
import { copyHome } from "./halves.ts";

const id = "io.example.history";
let owner: NodeProcess;
/** A node with the state of before most of what happened: it was away, or its disk was restored from a backup. */
let oldHome: string;

beforeAll(async () => {
  const home = createHome();
  const { recoveryWords } = await answerOf<{ recoveryWords: string }>(home, ["publisher", "init"]);
  const folder = emptyFolder();
  const [words, rotated, phrase] = ["words", "rotation.key", "phrase"].map((name) => join(folder, name));
  writeFileSync(words ?? "", recoveryWords);
  writeFileSync(phrase ?? "", "a long passphrase for this test\n");
  for (const version of ["1.0.0", "1.1.0", "1.2.0"]) await publish(home, id, version, `payload of ${version}`);
  const firstKey = /([0-9a-f]{64})\.key$/.exec(keyFileOf(home))?.[1] ?? "";
  oldHome = copyHome(home, ["keys"]);

  const byWords = ["--words-file", words ?? ""];
  const files = ["--passphrase-file", phrase ?? ""];
  const byFile = ["--key-file", rotated ?? "", ...files];
  await answerOf(home, ["publisher", "grant", "--new", ...byWords]);
  await answerOf(home, ["publisher", "domain", "example.com", ...byWords]);
  await answerOf(home, ["publisher", "rotate", ...byWords, "--new-key-file", rotated ?? "", ...files]);
  await answerOf(home, ["publisher", "domain", "example.com", "--drop", ...byFile]);
  await answerOf(home, ["publisher", "domain", "example.org", ...byFile]);
  await answerOf(home, ["publisher", "revoke", firstKey, "--at", "2", ...byFile]);
  await answerOf(home, ["marketplace", "yank", `${id}@1.1.0`, "--reason", "leaks"]);
  await publish(home, id, "1.3.0", "payload of 1.3.0");
  await answerOf(home, ["marketplace", "yank", `${id}@1.3.0`, "--reason", "a mistake"]);
  await answerOf(home, ["marketplace", "unyank", `${id}@1.3.0`]);
  owner = await startNode({ home });
}, 120_000);

/** All that a user of a node sees of the publisher and the package. */
async function visible(home: string): Promise<unknown> {
  const { catalogFingerprint } = await statusOf(home);
  const found = await answerOf<{ results: { package: { version: string; checksum: string } }[] }>(home, [
    "marketplace",
    "search",
    id,
  ]);
  const { versions } = await answerOf<{ versions: unknown }>(home, ["marketplace", "info", id]);
  const { publishers } = await answerOf<{ publishers: unknown }>(home, ["publisher", "list"]);
  const refused = [];
  for (const version of ["1.1.0", "1.2.0"]) {
    const { code } = await refusalOf(home, ["marketplace", "install", `${id}@${version}`, "--target", emptyFolder()]);
    refused.push(code);
  }
  return {
    catalogFingerprint,
    found: found.results.map((row) => [row.package.version, row.package.checksum]),
    versions,
    publishers,
    refused,
    newest: await install(home, id),
    explicit: await install(home, `${id}@1.0.0`, id),
  };
}

it("every historic operation, replayed to every node in any order, changes nothing, also after a restart", async () => {
  const [first, weak] = await Promise.all([startAmong(owner), startWeakened("last-record-wins", bootstrapTo(owner))]);
  let nodes = [first, await startAmong(owner, first)];
  await untilEqual(owner, ...nodes);
  await vi.waitUntil(async () => (await versionsOf(weak.home, id)).includes("1.3.0"), { timeout: 20_000 });
  expect(await install(weak.home, id)).toMatchObject({ version: "1.3.0" });
  const before = await visible(owner.home);
  expect(before).toMatchObject({
    found: [["1.3.0", expect.any(String)]],
    refused: ["package.yanked", "package.version-not-found"],
    newest: { version: "1.3.0", says: "payload of 1.3.0" },
    explicit: { version: "1.0.0" },
  });

  const replay = async (host: string, targets: readonly NodeProcess[]): Promise<HostilePeer> => {
    const dial = targets.map(({ addresses }) => addresses[0] ?? "");
    const replayer = startHostile("replayer.ts", [host, ...dial]);
    await replayer.event("ready");
    replayer.tell("replay");
    // Ten operations and more, in every order, to every node.
    expect((await replayer.event("replayed"))["pushed"]).toBeGreaterThanOrEqual(26 * targets.length);
    return replayer;
  };
  await (await replay("127.0.11.1", [owner, ...nodes, weak])).stop();
  // The harm: where the record that came last is the newest, what came again is.
  expect((await install(weak.home, id)).version).toBe("1.0.0");
  await weak.stop();
  const seen = await Promise.all(nodes.map(({ home }) => visible(home)));
  for (const each of seen) expect(each).toMatchObject(withoutOwn(before));

  const homes = nodes.map(({ home }) => home);
  for (const node of nodes) await node.stop();
  nodes = await Promise.all(homes.map((home) => startNode({ home, args: bootstrapTo(owner) })));
  await (await replay("127.0.11.2", nodes)).stop();
  await untilEqual(owner, ...nodes);
  expect(await Promise.all(nodes.map(({ home }) => visible(home)))).toEqual(seen);
  for (const node of nodes) await node.stop();
}, 180_000);

/** Of what the owner sees, what everybody does: its own list says which publisher is its own. */
function withoutOwn(seen: unknown): Record<string, unknown> {
  const { publishers: _publishers, ...rest } = seen as Record<string, unknown>;
  return rest;
}

it("who met only the old half learns, and never unlearns; yanked comes from a lockfile only, revoked not at all", async () => {
  const old = await startNode({ home: oldHome });
  const newcomer = await startAmong(old);
  await untilEqual(old, newcomer);
  const projects: Record<string, string> = {};
  for (const version of ["1.1.0", "1.2.0"]) {
    const cwd = writePackage(emptyFolder(), "io.example.project");
    await answerOf(newcomer.home, ["marketplace", "install", `${id}@${version}`], { cwd });
    projects[version] = readFileSync(join(cwd, "ggen.lock"), "utf8");
  }
  await old.stop();
  await answerOf(newcomer.home, ["marketplace", "p2p", "bootstrap", owner.addresses[0] ?? ""]);
  await untilEqual(owner, newcomer);
  const learnt = await visible(newcomer.home);
  expect(learnt).toMatchObject({ refused: ["package.yanked", "package.version-not-found"] });

  const fromLock = (version: string): string => {
    const cwd = writePackage(emptyFolder(), "io.example.project");
    writeFileSync(join(cwd, "ggen.lock"), projects[version] ?? "");
    return cwd;
  };
  const pinned = fromLock("1.1.0");
  const args = ["marketplace", "install", "--frozen-lockfile"];
  const { warnings } = await answerOf<{ warnings: readonly string[] }>(newcomer.home, args, { cwd: pinned });
  expect(payloadOf(join(pinned, ".ggen/packages"), id)).toBe("payload of 1.1.0");
  expect(warnings.join("\n")).toContain(`${id}@1.1.0 was yanked: leaks; it is installed because ggen.lock names it`);
  const ended = fromLock("1.2.0");
  expect(await refusalOf(newcomer.home, args, { cwd: ended })).toMatchObject({ code: "lockfile.invalid" });
  expect(payloadOf(join(ended, ".ggen/packages"), id)).toBeUndefined();

  // Alone with a node whose disk was set back: it goes forward, nobody goes back.
  await newcomer.stop();
  const back = await startNode({ home: copyHome(oldHome) });
  const again = await startNode({ home: newcomer.home, args: bootstrapTo(back) });
  await untilEqual(back, again);
  expect(await visible(again.home)).toEqual(learnt);
  expect((await visible(back.home)) as Record<string, unknown>).toMatchObject(withoutOwn(learnt));
}, 180_000);
