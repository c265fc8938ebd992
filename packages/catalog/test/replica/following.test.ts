import { expect, it } from "vitest";

import { derivePublisher } from "../../src/index.ts";
import { keyOf, publisherWithKey, start, type TestPublisher } from "../publisher-fixture.ts";
import { testCatalog } from "./folder.ts";

const demo = { id: "io.example.demo", version: "3.0.0" };

/** What looks like one more release of an open chain, and is more than that. */
const histories: readonly (readonly [string, (owner: TestPublisher) => void])[] = [
  ["nothing but new versions", (owner) => void owner.release("laptop", { version: "4.0.0" })],
  ["a version again, with another content", (owner) => void owner.release("laptop", { content: "other" })],
  ["a version again, with the same content", (owner) => void owner.release("laptop")],
  ["a version in other letters", (owner) => void owner.release("laptop", { id: "IO.example.demo", content: "other" })],
  [
    "a version that was yanked before it came",
    (owner) => {
      owner.chain("laptop", { type: "yank", ...demo, reason: "leaks" });
      owner.release("laptop", demo);
    },
  ],
  ["a time before its parent's", (owner) => void owner.release("laptop", { version: "4.0.0", time: start - 1 })],
  [
    "a second link of the same number",
    (owner) => {
      const parent = owner.release("laptop", { version: "4.0.0" });
      owner.release("laptop", { version: "5.0.0" }, { seq: 3, id: parent.id });
      owner.release("laptop", { version: "6.0.0" }, { seq: 3, id: parent.id });
    },
  ],
  [
    "a link after a gap",
    (owner) => {
      const head = owner.heads.get("laptop");
      owner.release("laptop", { version: "4.0.0" }, { seq: (head?.seq ?? 0) + 3, id: head?.id ?? "" });
    },
  ],
  [
    "a release of a revoked key",
    (owner) => {
      owner.revoke("laptop");
      owner.release("laptop", { version: "4.0.0" });
    },
  ],
  ["a release of a key that nobody allowed", (owner) => void owner.release("thief", { version: "4.0.0" }, null)],
];

it.each(histories)("one by one is as all at once: %s", async (name, go) => {
  const owner = publisherWithKey(`owner ${name}`);
  owner.release("laptop");
  owner.release("laptop", { version: "2.0.0" });
  go(owner);
  const catalog = testCatalog();
  for (const { envelope } of owner.operations) await catalog.accept([envelope], { via: "sync" });
  const whole = derivePublisher(owner.operations, owner.publisher);
  expect(catalog.counts().operations).toBe(whole.admitted.size);
  const shown = catalog.entry("io.example.demo")?.claimants[0]?.releases ?? [];
  expect(shown.map(({ operation, conflicted, yanked }) => [operation, conflicted === true, yanked?.reason])).toEqual(
    whole.releases.map(({ operation, status, yank }) => [operation.id, status === "conflicted", yank]),
  );
  const head = whole.signingKeys.get(keyOf("laptop").key)?.head;
  expect(catalog.nextLink(owner.publisher, keyOf("laptop").key)).toEqual(
    head === undefined ? { seq: 1, prev: null } : { seq: head.seq + 1, prev: head.id },
  );
});
