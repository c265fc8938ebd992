import { existsSync } from "node:fs";
import { join } from "node:path";

import { createHome, startNode } from "@ggen/testkit";
import { expect, it } from "vitest";

import { answerOf, type Installed, refusalOf } from "../support/catalogue.ts";
import { emptyFolder } from "../support/places.ts";
import {
  bootstrapTo,
  commandsIn,
  payloadOf,
  publish,
  runPrinted,
  startAmong,
  startAuthor,
  untilEqual,
} from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const app = "io.example.app";
const inner = "io.example.app-inner";
const needsShared = "io.example.needs-shared";
const shared = "io.example.shared";

it("extraneous dependencies: a stranger who claims a dependency's id brings nothing into an install", async () => {
  const owner = await startNode({ home: createHome() });
  const friend = await startAmong(owner);
  await publish(owner.home, inner, "1.0.0", "honest");
  await publish(owner.home, app, "1.0.0", "honest", `\n[dependencies]\n"${inner}" = ">=1.0.0"\n`);
  const sharedRelease = await publish(friend.home, shared, "1.0.0", "honest");
  await publish(owner.home, needsShared, "1.0.0", "honest", `\n[dependencies]\n"${shared}" = ">=1.0.0"\n`);
  const [weak, strong] = await Promise.all([startWeakened("any-claimant", bootstrapTo(owner)), startAmong(owner)]);
  await untilEqual(owner, friend, weak, strong);

  const releases = [[inner, shared].map((id) => ({ id, version: "99.0.0", text: "the attacker's" }))];
  const dial = [owner, weak, strong].map(({ addresses }) => addresses[0] ?? "");
  const attacker = await startAuthor({ host: "127.0.3.1", dial, as: "own", releases });
  attacker.tell("release");
  await attacker.event("released");
  await untilEqual(owner, friend, weak, strong);

  // The harm: dependency confusion, the highest version of anybody.
  const harmed = emptyFolder();
  await answerOf(weak.home, ["marketplace", "install", app, "--target", harmed]);
  expect(payloadOf(harmed, inner)).toBe("the attacker's");

  // A dependency on the publisher's own package stays with the publisher.
  const target = emptyFolder();
  const { packages } = await answerOf<Installed>(strong.home, ["marketplace", "install", app, "--target", target]);
  expect(packages.map(({ id, version }) => ({ id, version }))).toEqual([
    { id: inner, version: "1.0.0" },
    { id: app, version: "1.0.0" },
  ]);
  expect(payloadOf(target, inner)).toBe("honest");

  // One on somebody else's, now disputed, is refused with the command that chooses; that choice lasts.
  const disputed = join(emptyFolder(), "not-made");
  const line = ["marketplace", "install", needsShared, "--target", disputed];
  const refusal = await refusalOf(strong.home, line);
  expect(refusal).toMatchObject({ code: "package.ambiguous", exit: 5 });
  expect(existsSync(disputed)).toBe(false);
  const choice = commandsIn(refusal.hint).find((command) => command.includes(sharedRelease.publisher));
  expect(choice).toBe(`ggen marketplace install ${sharedRelease.publisher}/${shared}`);
  expect(await runPrinted(strong.home, choice ?? "", {}, ["--target", disputed])).toMatchObject({ code: 0 });
  await answerOf(strong.home, line);
  expect([payloadOf(disputed, needsShared), payloadOf(disputed, shared)]).toEqual(["honest", "honest"]);
});
