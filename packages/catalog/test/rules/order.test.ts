import { sealOperation } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { derivePublisher } from "../../src/index.ts";
import { history, shuffled } from "./history.ts";

describe("derivePublisher", () => {
  it("is a function of the set: order and repetition change nothing", () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), fc.nat({ max: 3 }), (publisher, numbers, leaveOut) => {
        const kept = publisher.operations.slice(0, publisher.operations.length - leaveOut);
        const expected = derivePublisher(kept, publisher.publisher);
        const again = shuffled([...kept, ...kept.slice(0, 3)], numbers);
        expect(derivePublisher(again, publisher.publisher)).toEqual(expected);
      }),
      { numRuns: 80 },
    );
  });

  it("only ever admits more when the set grows, and never more than the whole admits", () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (publisher, numbers) => {
        const order = shuffled(publisher.operations, numbers);
        const whole = derivePublisher(order, publisher.publisher).admitted;
        let before: ReadonlySet<string> = new Set();
        for (let end = 1; end <= order.length; end += 3) {
          const { admitted } = derivePublisher(order.slice(0, end), publisher.publisher);
          expect(before.isSubsetOf(admitted)).toBe(true);
          before = admitted;
        }
        expect(before.isSubsetOf(whole)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("counts signatures of all copies, in whatever order the copies come", () => {
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.nat()), (publisher, numbers) => {
        const copies = publisher.operations.flatMap(({ operation, id }) =>
          id === publisher.genesis.id || "key" in operation ? [] : [sealOperation(operation, publisher.rotation)],
        );
        const all = [...publisher.operations, ...copies];
        expect(derivePublisher(shuffled(all, numbers), publisher.publisher)).toEqual(
          derivePublisher(all, publisher.publisher),
        );
      }),
      { numRuns: 40 },
    );
  });
});
