import { createHome, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, type SearchRow } from "../support/catalogue.ts";
import {
  bootstrapTo,
  install,
  keyFileOf,
  publish,
  startAmong,
  startAuthor,
  untilEqual,
  versionsOf,
} from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.steady";
const loud = "io.example.loud";
/** The year 2100, in seconds. */
const farAhead = 4_102_444_800;
/** The highest number that a record may have. */
const highestNumber = 2 ** 40;

const byDate = async (home: string): Promise<readonly string[]> => {
  const line = ["marketplace", "search", "", "--sort", "updated"];
  const { results } = await answerOf<{ readonly results: readonly SearchRow[] }>(home, line);
  return results.map((row) => row.package.id);
};

it("fast-forward: a date or a number far ahead neither leads the list nor keeps later releases away", async () => {
  const owner = await startNode({ home: createHome() });
  await publish(owner.home, id, "1.0.0", "honest");
  const [weak, strong] = await Promise.all([startWeakened("any-time", bootstrapTo(owner)), startAmong(owner)]);
  await untilEqual(owner, weak, strong);

  const dial = [weak, strong].map(({ addresses }) => addresses[0] ?? "");
  // A stranger with a date, and a thief of the signing key with a date, the highest version, and numbers left out.
  const stranger = await startAuthor({
    host: "127.0.4.1",
    dial,
    as: "own",
    releases: [[{ id: loud, version: "1.0.0", text: "loud", time: farAhead + 1 }]],
  });
  const thief = await startAuthor({
    host: "127.0.4.2",
    dial,
    as: "stolen",
    victim: id,
    keyFile: keyFileOf(owner.home),
    releases: [
      [
        { id, version: "9007199254740991.0.0", text: "the thief's", time: farAhead },
        { id, version: "9007199254740990.0.0", text: "the thief's", seq: highestNumber },
      ],
    ],
  });
  for (const hostile of [stranger, thief]) {
    hostile.tell("release");
    await hostile.event("released");
  }

  // The harm: first in the list for the next seventy years, and the highest version that there can be.
  await vi.waitUntil(async () => (await byDate(weak.home))[0] === loud, { timeout: 30_000 });
  expect(await install(weak.home, id)).toMatchObject({ version: "9007199254740991.0.0", says: "the thief's" });

  expect(await byDate(strong.home)).toEqual([id]);
  expect(await versionsOf(strong.home, id)).toEqual(["1.0.0"]);
  await publish(owner.home, id, "1.0.1", "later");
  await vi.waitUntil(async () => (await versionsOf(strong.home, id)).includes("1.0.1"), { timeout: 30_000 });
  expect(await install(strong.home, `${id}@1.0.1`, id)).toEqual({ version: "1.0.1", says: "later" });
});
