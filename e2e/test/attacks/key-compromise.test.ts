import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, refusalOf } from "../support/catalogue.ts";
import { emptyFolder } from "../support/places.ts";
import {
  bootstrapTo,
  commandsIn,
  install,
  keyFileOf,
  publish,
  runPrinted,
  startAmong,
  startAuthor,
  untilEqual,
  versionsOf,
} from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.stolen";

it("key compromise: what a thief signed is void once the owner says so, nothing of the owner's is lost", async () => {
  const owner = await startNode({ home: createHome() });
  const { recoveryWords } = await answerOf<{ readonly recoveryWords: string }>(owner.home, ["publisher", "init"]);
  const words = join(emptyFolder(), "words.txt");
  writeFileSync(words, recoveryWords, { mode: 0o600 });
  await publish(owner.home, id, "1.0.0", "honest");
  await publish(owner.home, id, "1.1.0", "honest too");
  const [weak, strong] = await Promise.all([startWeakened("no-revocation", bootstrapTo(owner)), startAmong(owner)]);
  await untilEqual(owner, weak, strong);

  const keyFile = keyFileOf(owner.home);
  const dial = [weak, strong].map(({ addresses }) => addresses[0] ?? "");
  const thief = await startAuthor({
    host: "127.0.8.1",
    dial,
    as: "stolen",
    victim: id,
    keyFile,
    releases: [
      [{ id, version: "6.6.6", text: "the thief's" }],
      // Once more after the revocation: beyond it, beside its point, and over an old version.
      [
        { id, version: "7.7.7", text: "the thief's" },
        { id, version: "1.0.1", text: "the thief's", seq: 2 },
        { id, version: "1.0.0", text: "the thief's", seq: 1 },
      ],
    ],
  });
  thief.tell("release");
  await thief.event("released");
  // The harm that nobody can prevent: until the theft is noticed, the thief is the publisher.
  await untilEqual(owner, weak, strong);
  expect(await versionsOf(strong.home, id)).toContain("6.6.6");

  const key = /([0-9a-f]{64})\.key$/.exec(keyFile)?.[1] ?? "";
  await answerOf(owner.home, ["publisher", "revoke", key, "--at", "2", "--words-file", words]);
  await answerOf(owner.home, ["publisher", "grant", "--new", "--words-file", words]);
  await untilEqual(owner, strong);
  thief.tell("release");
  await vi.waitUntil(() => thief.events.filter(({ event }) => event === "released").length === 2, { timeout: 30_000 });

  // The harm of a build that does not know revocation: the thief stays for ever.
  await vi.waitUntil(async () => (await versionsOf(weak.home, id)).includes("7.7.7"), { timeout: 30_000 });
  expect((await install(weak.home, `${id}@6.6.6`, id)).says).toBe("the thief's");

  expect((await versionsOf(strong.home, id)).toSorted()).toEqual(["1.0.0", "1.1.0"]);
  for (const version of ["6.6.6", "7.7.7", "1.0.1"]) {
    const line = ["marketplace", "install", `${id}@${version}`, "--target", emptyFolder()];
    const refusal = await refusalOf(strong.home, line);
    expect(refusal).toMatchObject({ code: "package.version-not-found", exit: 4 });
    const [command = ""] = commandsIn(refusal.hint);
    expect(await runPrinted(strong.home, command)).toMatchObject({ code: 0 });
  }
  expect(await install(strong.home, `${id}@1.0.0`, id)).toEqual({ version: "1.0.0", says: "honest" });
  await publish(owner.home, id, "1.2.0", "by the new key");
  await vi.waitUntil(async () => (await versionsOf(strong.home, id)).includes("1.2.0"), { timeout: 30_000 });
  expect(await install(strong.home, id)).toEqual({ version: "1.2.0", says: "by the new key" });
});
