import { createHome, startNode } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, refusalOf } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { emptyFolder } from "../support/places.ts";
import { commandsIn, install, publish, runPrinted, versionsOf } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const id = "io.example.withdrawn";

it("mix-and-match: a release is not shown without the withdrawal that its publisher signed before it", async () => {
  const owner = await startNode({ home: createHome() });
  await publish(owner.home, id, "1.0.0", "leaks a key");
  await answerOf(owner.home, ["marketplace", "yank", `${id}@1.0.0`, "--reason", "leaks a key"]);
  await publish(owner.home, id, "1.1.0", "mended");
  const liar = startHostile("withholder.ts", ["127.0.5.1", "hide-yanks", owner.addresses[0] ?? ""]);
  const { addresses } = (await liar.event("ready")) as { readonly addresses?: readonly string[] };
  // Else it would find the newcomers by itself.
  await owner.stop();
  const met = ["--bootstrap", addresses?.[0] ?? ""];
  const [weak, strong] = await Promise.all([
    startWeakened("parentless-records", met),
    startNode({ home: createHome(), args: met }),
  ]);

  // The harm: a catalogue that never was, with the new release and the old one as if it were good.
  await vi.waitUntil(async () => (await versionsOf(weak.home, id)).length === 2, { timeout: 30_000 });
  const { versions } = await answerOf<{ readonly versions: readonly unknown[] }>(weak.home, [
    "marketplace",
    "info",
    id,
  ]);
  expect(versions).toMatchObject([
    { version: "1.0.0", yanked: false },
    { version: "1.1.0", yanked: false },
  ]);

  // A state that was: before the withdrawal, and before the release that came after it.
  await vi.waitUntil(async () => (await versionsOf(strong.home, id)).length === 1, { timeout: 30_000 });
  expect(await versionsOf(strong.home, id)).toEqual(["1.0.0"]);
  const newer = await refusalOf(strong.home, ["marketplace", "install", `${id}@1.1.0`, "--target", emptyFolder()]);
  expect(newer).toMatchObject({ code: "package.version-not-found", exit: 4, got: "1.0.0" });

  // One honest peer, and both are here.
  const back = await startNode({ home: owner.home });
  await answerOf(strong.home, ["marketplace", "p2p", "bootstrap", back.addresses[0] ?? ""]);
  await vi.waitUntil(async () => (await versionsOf(strong.home, id)).includes("1.1.0"), { timeout: 30_000 });
  const older = await refusalOf(strong.home, ["marketplace", "install", `${id}@1.0.0`, "--target", emptyFolder()]);
  expect(older).toMatchObject({ code: "package.yanked", exit: 5 });
  const [command = ""] = commandsIn(older.hint);
  const target = emptyFolder();
  expect(await runPrinted(strong.home, command, {}, ["--target", target])).toMatchObject({ code: 0 });
  expect(await install(strong.home, id)).toEqual({ version: "1.1.0", says: "mended" });
});
