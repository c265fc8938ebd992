import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { createHome, startNode } from "@ggen/testkit";
import { expect, it } from "vitest";

import { refusalOf } from "../support/catalogue.ts";
import { startHostile } from "../support/hostile.ts";
import { emptyFolder } from "../support/places.ts";
import { bootstrapTo, commandsIn, install, publish, runPrinted, startAmong, untilEqual } from "./support/attacked.ts";
import { startWeakened } from "./support/weakened.ts";

const wanted = "io.example.wanted";
const other = "io.example.others";

it("wrong software: a holder that gives another package, rightly released, gives nothing", async () => {
  const owner = await startNode({ home: createHome(), args: ["--http", "127.0.0.1:0"] });
  const release = await publish(owner.home, wanted, "1.0.0", "the wanted one");
  const swapped = await publish(owner.home, other, "1.0.0", "another's bytes");
  const archive = await fetch(new URL(`/packages/${other}/download`, owner.gateway));
  const file = join(emptyFolder(), "other.tar");
  writeFileSync(file, new Uint8Array(await archive.arrayBuffer()));
  const [weak, strong] = await Promise.all([startWeakened("unhashed-blocks", bootstrapTo(owner)), startAmong(owner)]);
  await untilEqual(owner, weak, strong);
  await owner.kill();

  const victims = [weak, strong].map(({ addresses }) => addresses[0] ?? "");
  const mirror = startHostile("mirrors.ts", ["1", release.cid, `${swapped.size}`, file, ...victims]);
  const { peerIds } = (await mirror.event("ready")) as { readonly peerIds?: readonly string[] };

  // The harm: what is installed under one name is what was signed under another.
  expect(await install(weak.home, wanted)).toEqual({ version: "1.0.0", says: "another's bytes" });
  await weak.stop();

  const target = emptyFolder();
  const refusal = await refusalOf(strong.home, ["marketplace", "install", wanted, "--target", target]);
  expect(refusal).toMatchObject({ code: "package.no-providers", exit: 6 });
  expect(refusal.got).toContain(`${peerIds?.[0]}: sent bytes that do not match their hash`);

  // The way on: another holder.
  const back = await startNode({ home: owner.home });
  const [command = ""] = commandsIn(refusal.hint);
  expect(command).toBe("ggen marketplace p2p bootstrap MULTIADDR");
  const MULTIADDR = back.addresses[0] ?? "";
  expect(await runPrinted(strong.home, command, { MULTIADDR })).toMatchObject({ code: 0 });
  expect(await install(strong.home, wanted)).toEqual({ version: "1.0.0", says: "the wanted one" });
});
