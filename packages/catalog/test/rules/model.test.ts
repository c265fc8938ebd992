import * as fc from "fast-check";
import { expect, it } from "vitest";

import { derivePublisher } from "../../src/index.ts";
import { keyOf, publisherWithKey } from "../publisher-fixture.ts";

/** The chain of one key, told in words: how long, where it forks if at all, where its key is revoked if at all. */
const stories = fc.record({
  length: fc.integer({ min: 1, max: 12 }),
  forkAt: fc.option(fc.integer({ min: 1, max: 12 })),
  revokeAt: fc.option(fc.integer({ min: 0, max: 12 })),
  yanked: fc.option(fc.integer({ min: 1, max: 12 })),
});

it("agrees with the story of a chain: fork, revocation and yank where they were told", () => {
  fc.assert(
    fc.property(stories, ({ length, forkAt, revokeAt, yanked }) => {
      const owner = publisherWithKey("owner");
      const links: ({ seq: number; id: string } | null)[] = [null];
      for (let seq = 1; seq <= length; seq++) {
        links.push({ seq, id: owner.release("laptop", { version: `${seq}.0.0` }).id });
      }
      const forked = forkAt !== null && forkAt <= length;
      if (forked) owner.release("laptop", { version: "99.0.0" }, links[forkAt - 1] ?? null);
      if (yanked !== null) {
        owner.grant("ci");
        owner.chain("ci", { type: "yank", id: "io.example.demo", version: `${yanked}.0.0`, reason: "why" });
      }
      const revoked = revokeAt !== null && revokeAt <= length;
      if (revoked) owner.revoke("laptop", links[revokeAt] ?? null);

      const expected: [string, string][] = [];
      for (let seq = 1; seq <= length; seq++) {
        if (revoked && seq > revokeAt) continue;
        const conflicted = forked && !revoked && seq >= forkAt;
        expected.push([`${seq}.0.0`, conflicted ? "conflicted" : seq === yanked ? "yanked" : "valid"]);
      }
      if (forked && !revoked) expected.push(["99.0.0", "conflicted"]);
      const state = derivePublisher(owner.operations);
      expect(state.releases.map(({ operation, status }) => [operation.operation.version, status])).toEqual(expected);
      const inForce = revoked ? revokeAt : forked ? forkAt - 1 : length;
      expect(state.signingKeys.get(keyOf("laptop").key)?.head).toEqual(links[inForce] ?? undefined);
    }),
    { numRuns: 200 },
  );
});
