import { createHome, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { refusalOf } from "../support/catalogue.ts";
import { emptyFolder } from "../support/places.ts";
import {
  bootstrapTo,
  commandsIn,
  install,
  publish,
  runPrinted,
  startAmong,
  startAuthor,
  untilEqual,
  versionsOf,
} from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.wanted";

it("arbitrary installation: a release that its publisher never signed is nobody's release", async () => {
  const owner = await startNode({ home: createHome() });
  await publish(owner.home, id, "1.0.0", "honest");
  const [weak, strong] = await Promise.all([startWeakened("unsigned-records", bootstrapTo(owner)), startAmong(owner)]);
  await untilEqual(owner, weak, strong);

  const releases = [[{ id, version: "6.6.6", text: "the attacker's" }]];
  const dial = [weak, strong].map(({ addresses }) => addresses[0] ?? "");
  const forger = await startAuthor({ host: "127.0.2.1", dial, as: "forged", victim: id, releases });
  forger.tell("release");
  expect(await forger.event("released")).toMatchObject({ rejected: 1 });

  // The harm: without signatures anybody puts anything on the machine, under the publisher's name.
  await vi.waitUntil(async () => (await versionsOf(weak.home, id)).includes("6.6.6"), { timeout: 30_000 });
  expect(await install(weak.home, id)).toEqual({ version: "6.6.6", says: "the attacker's" });

  expect(await versionsOf(strong.home, id)).toEqual(["1.0.0"]);
  const refusal = await refusalOf(strong.home, ["marketplace", "install", `${id}@6.6.6`, "--target", emptyFolder()]);
  expect(refusal).toMatchObject({ code: "package.version-not-found", exit: 4, got: "1.0.0" });
  const [command = ""] = commandsIn(refusal.hint);
  expect(command).toContain(id);
  expect(await runPrinted(strong.home, command)).toMatchObject({ code: 0 });
  expect(await install(strong.home, id)).toEqual({ version: "1.0.0", says: "honest" });
});
