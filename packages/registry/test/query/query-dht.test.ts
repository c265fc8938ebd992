import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { packageKey, systemRandom, toHex } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import type { P2PRegistry } from "../../src/index.ts";
import { connect, packageFolder, startRegistry, until } from "../harness.ts";
import { startHostileNode } from "../hostile-node.ts";

const id = "io.example.sought";

/** A provider of everything that answers with what is no record. */
async function startLiar(
  first: P2PRegistry,
): Promise<{ readonly node: MarketplaceBehaviour; readonly asked: () => number }> {
  let asked = 0;
  const node = await startHostileNode({
    idsOf: () => [toHex(systemRandom.bytes(32))],
    envelopes() {
      asked += 1;
      return [systemRandom.bytes(300)];
    },
  });
  await node.dial(first.addresses[0] ?? "");
  let given = 0;
  await until(async () => (given = await node.provide(packageKey(id))) > 0);
  expect(given).toBeGreaterThan(0);
  return { node, asked: () => asked };
}

it("finds the honest provider among liars and dead ones, whatever the fan-out", async () => {
  const [meeting, publisher] = await Promise.all([startRegistry(), startRegistry()]);
  const liars = [];
  for (let count = 0; count < 3; count += 1) liars.push(await startLiar(meeting));
  const dead = await startLiar(meeting);
  await connect(publisher, meeting);
  expect((await publisher.publish(await packageFolder(id))).provided).toBe(true);
  await dead.node.stop();

  const asker = await startRegistry();
  await connect(asker, meeting);
  for (const fanOut of [1, 3, 32]) {
    expect((await asker.queryDhtParallel(id, fanOut))?.id).toBe(id);
  }
  await publisher.close();
  await meeting.close();
  // Only liars and the dead are left: what the catalogue knows from before is not taken for their answer.
  expect(await asker.queryDht(id)).toBeUndefined();
  expect(liars.reduce((sum, { asked }) => sum + asked(), 0)).toBeGreaterThan(0);
  await expect(asker.queryDhtParallel(id, 33)).rejects.toMatchObject({ code: "usage.invalid" });
}, 60_000);
