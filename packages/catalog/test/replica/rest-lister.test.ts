import { silentLogger } from "@ggen/p2p-types";
import { expect, it } from "vitest";

import { RestLister } from "../../src/replica/rest-lister.ts";

/** A lister of some releases whose clock goes on by what is slept. */
function rig(releases: number, onSleep: (nowMs: number) => void = () => {}) {
  let nowMs = 0;
  let left = releases;
  const listed: { readonly atMs: number; readonly max: number }[] = [];
  const done = Promise.withResolvers<void>();
  const lister = new RestLister({
    clock: {
      monotonic: () => nowMs,
      async sleep(ms) {
        nowMs += ms;
        onSleep(nowMs);
      },
    },
    logger: silentLogger,
    isBehind: () => left > 0,
    async listSome(max) {
      listed.push({ atMs: nowMs, max });
      left -= max;
      if (left <= 0) done.resolve();
    },
    signal: new AbortController().signal,
  });
  return { lister, listed, done: done.promise };
}

it("waits until nothing more comes, and then lists without rest", async () => {
  const { lister, listed, done } = rig(5000);
  lister.putOff();
  lister.start();
  lister.start();
  await done;
  expect(listed).toEqual([2048, 2048, 2048].map((max) => ({ atMs: 300, max })));
});

it("lists a little every second while more comes without an end, so that there is something to be found", async () => {
  const { lister, listed, done } = rig(1000, () => lister.putOff());
  lister.putOff();
  lister.start();
  await done;
  expect(listed.map(({ max }) => max)).toEqual([256, 256, 256, 256]);
  const pauses = listed.slice(1).map(({ atMs }, place) => atMs - (listed[place]?.atMs ?? 0));
  expect(pauses).toEqual([1000, 1000, 1000]);
});
