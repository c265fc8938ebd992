import type { AcceptReport, PublisherId } from "@ggen/p2p-types";
import { publisherOf } from "@ggen/p2p-catalog";
import { expect, it } from "vitest";

import { keepFollowed } from "../../src/light/keep-filter.ts";
import { stranger } from "./hostile.ts";

const friend = stranger("io.example.friend", ["1.0.0"]);
const other = stranger("io.example.other", ["1.0.0"]);
const nonsense = new Uint8Array(40).fill(7);
const followed = new Set<PublisherId>(friend.slice(0, 1).map((signed) => publisherOf(signed)));

/** A catalogue that takes all that begins as an operation does. */
function everything(): { readonly seen: Uint8Array[]; readonly accept: ReturnType<typeof keepFollowed> } {
  const seen: Uint8Array[] = [];
  const catalog = {
    accept: (envelopes: readonly Uint8Array[]): Promise<AcceptReport> => {
      seen.push(...envelopes);
      const rejected = envelopes.flatMap((envelope, index) =>
        envelope === nonsense ? [{ index, error: new Error("no operation") }] : [],
      );
      return Promise.resolve({ accepted: [], known: [], deferred: [], rejected });
    },
  };
  return { seen, accept: keepFollowed(catalog, () => followed) };
}

const all = [...other, ...friend, nonsense].map((each) => (each instanceof Uint8Array ? each : each.envelope));

it.each(["gossip", "sync", "fetch"] as const)(
  "of what comes by %s only followed publishers get through",
  async (via) => {
    const { seen, accept } = everything();
    const report = await accept(all, { via, peer: "peer" });
    expect(seen).toEqual([...friend.map(({ envelope }) => envelope), nonsense]);
    expect(report.deferred).toEqual(other.map(({ id }) => id));
    // The place in what came, whatever was left out before it.
    expect(report.rejected.map(({ index }) => index)).toEqual([all.length - 1]);
    seen.length = 0;
    expect(
      await accept(
        other.map(({ envelope }) => envelope),
        { via },
      ),
    ).toEqual({ accepted: [], known: [], deferred: other.map(({ id }) => id), rejected: [] });
    expect(seen).toEqual([]);
  },
);

it("what was asked for gets through, and what was made here", async () => {
  for (const origin of [{ via: "fetch", peer: "peer", asked: true }, { via: "local" }] as const) {
    const { seen, accept } = everything();
    await accept(all, origin);
    expect(seen).toEqual(all);
  }
});
