import * as fc from "fast-check";

import { keyOf, TestPublisher } from "../publisher-fixture.ts";

const keys = fc.constantFrom("laptop", "ci", "phone");
const versions = fc.constantFrom("1.0.0", "1.1.0", "2.0.0-rc.1");
const ids = fc.constantFrom("io.example.demo", "IO.example.Demo", "other");

type Step = (publisher: TestPublisher) => unknown;

/** The end of a key's chain, or an operation that many before it. */
const pickHead = (publisher: TestPublisher, name: string, back: number): { seq: number; id: string } | null => {
  const head = publisher.heads.get(name) ?? null;
  for (const { id, operation } of publisher.operations) {
    const isOfChain = operation.type === "release" || operation.type === "yank" || operation.type === "unyank";
    if (isOfChain && operation.key === keyOf(name).key && operation.seq === (head?.seq ?? 0) - back) {
      return { seq: operation.seq, id };
    }
  }
  return head;
};

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: keys.map(
      (key): Step =>
        (publisher) =>
          publisher.grant(key),
    ),
  },
  {
    weight: 10,
    arbitrary: fc.tuple(keys, ids, versions, fc.constantFrom("a", "b")).map(
      ([key, id, version, content]): Step =>
        (publisher) =>
          publisher.release(key, { id, version, content }),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(keys, ids, versions, fc.constantFrom("yank", "unyank")).map(
      ([key, id, version, type]): Step =>
        (publisher) =>
          publisher.chain(
            key,
            type === "yank" ? { type: "yank", id, version, reason: key } : { type: "unyank", id, version },
          ),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(keys, fc.nat({ max: 3 })).map(
      ([key, back]): Step =>
        (publisher) =>
          publisher.release(key, { content: "fork" }, pickHead(publisher, key, back)),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(keys, fc.nat({ max: 3 })).map(
      ([key, back]): Step =>
        (publisher) =>
          publisher.revoke(key, pickHead(publisher, key, back)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat({ max: 1 }).map(
      (rank): Step =>
        (publisher) =>
          publisher.grant("rival", { prev: publisher.genesis.id, signers: publisher.rotation.slice(rank, rank + 1) }),
    ),
  },
);

/** A publisher with some past: grants, releases, yanks, forks of either chain, revocations of some moment. */
export function historyOf(name: string): fc.Arbitrary<TestPublisher> {
  return fc.array(step, { maxLength: 30, size: "max" }).map((steps) => {
    const publisher = new TestPublisher(name, { rotationKeys: 2 });
    for (const apply of steps) apply(publisher);
    return publisher;
  });
}

export const history: fc.Arbitrary<TestPublisher> = historyOf("history");

/** A list in an order that some numbers give. */
export function shuffled<T>(list: readonly T[], numbers: Iterable<number>): T[] {
  const source = numbers[Symbol.iterator]();
  const order = [...list];
  for (let place = order.length - 1; place > 0; place--) {
    const other = Number(source.next().value ?? 0) % (place + 1);
    const [a, b] = [order[place], order[other]];
    if (a !== undefined && b !== undefined) {
      order[place] = b;
      order[other] = a;
    }
  }
  return order;
}
