import { describe, expect, it } from "vitest";

import { derivePublisher, type PublisherState } from "../../src/index.ts";
import { keyOf, publisherWithKey, start, type TestPublisher } from "../publisher-fixture.ts";

const statusesOf = (state: PublisherState): [string, string, string][] =>
  state.releases.map(({ operation, status }) => [operation.operation.id, operation.operation.version, status]);
const linkOf = (publisher: TestPublisher, name: string): { seq: number; id: string } => {
  const head = publisher.heads.get(name);
  if (head === undefined) throw new Error(`${name} signed nothing`);
  return head;
};

describe("release chains", () => {
  it("gives the releases of all keys, by id and version", () => {
    const owner = publisherWithKey("owner");
    owner.grant("ci");
    owner.release("laptop", { version: "1.10.0" });
    owner.release("ci", { version: "1.9.0" });
    owner.release("ci", { version: "1.10.0-beta.2" });
    owner.release("laptop", { id: "a.package" });
    const state = derivePublisher(owner.operations);
    expect(statusesOf(state)).toEqual([
      ["a.package", "1.0.0", "valid"],
      ["io.example.demo", "1.9.0", "valid"],
      ["io.example.demo", "1.10.0-beta.2", "valid"],
      ["io.example.demo", "1.10.0", "valid"],
    ]);
    expect(state.signingKeys.get(keyOf("ci").key)?.head).toEqual(linkOf(owner, "ci"));
  });

  it("has no gaps: what comes after a missing operation waits for it", () => {
    const owner = publisherWithKey("owner");
    owner.release("laptop", { version: "1.0.0" });
    const missing = owner.release("laptop", { version: "1.1.0" });
    const after = owner.release("laptop", { version: "1.2.0" });
    const state = derivePublisher(owner.operations.filter(({ id }) => id !== missing.id));
    expect(state.withoutEffect).toEqual(new Map([[after.id, "orphan"]]));
    expect(state.admitted.has(after.id)).toBe(false);
    expect(derivePublisher(owner.operations).releases).toHaveLength(3);
  });

  it("refuses an operation that is older than its parent, or numbered wrongly", () => {
    const owner = publisherWithKey("owner");
    const first = owner.release("laptop", { time: start + 10 });
    const older = owner.release("laptop", { version: "1.1.0", time: start + 9 }, { seq: 1, id: first.id });
    const skips = owner.release("laptop", { version: "1.2.0", time: start + 10 }, { seq: 2, id: first.id });
    const state = derivePublisher(owner.operations);
    expect(state.withoutEffect).toEqual(
      new Map([
        [older.id, "misplaced"],
        [skips.id, "misplaced"],
      ]),
    );
    expect(state.releases).toHaveLength(1);
  });

  it("takes nothing from a key that was not granted, until its grant comes", () => {
    const owner = publisherWithKey("owner");
    const early = owner.release("ci");
    expect(derivePublisher(owner.operations).withoutEffect.get(early.id)).toBe("not-granted");
    expect(derivePublisher(owner.operations).admitted.has(early.id)).toBe(false);
    owner.grant("ci");
    expect(derivePublisher(owner.operations).releases).toHaveLength(1);
  });

  it("attack: equivocation makes everything from the fork on conflicted, and nothing before it", () => {
    const owner = publisherWithKey("owner");
    owner.release("laptop", { version: "1.0.0" });
    const parent = linkOf(owner, "laptop");
    owner.release("laptop", { version: "1.1.0", content: "for you" });
    owner.release("laptop", { version: "1.2.0" });
    owner.release("laptop", { version: "1.3.0", content: "for others" }, parent);
    const state = derivePublisher(owner.operations);
    expect(statusesOf(state).map(([, version, status]) => [version, status])).toEqual([
      ["1.0.0", "valid"],
      ["1.1.0", "conflicted"],
      ["1.2.0", "conflicted"],
      ["1.3.0", "conflicted"],
    ]);
    expect(state.signingKeys.get(keyOf("laptop").key)).toMatchObject({ forkedAt: 2, head: parent });
    expect(state.admitted.size).toBe(owner.operations.length);
  });

  it("attack: a stolen key beyond the revoked head, beside it and below it changes nothing", () => {
    const owner = publisherWithKey("owner");
    owner.release("laptop", { version: "1.0.0" });
    const base = linkOf(owner, "laptop");
    owner.release("laptop", { version: "1.1.0" });
    const head = linkOf(owner, "laptop");
    const beyond = owner.release("laptop", { version: "6.6.6" });
    const beside = owner.release("laptop", { version: "6.6.7" }, base);
    const below = owner.release("laptop", { version: "6.6.8" }, null);
    owner.revoke("laptop", head);
    const state = derivePublisher(owner.operations);
    expect(statusesOf(state).map(([, version, status]) => [version, status])).toEqual([
      ["1.0.0", "valid"],
      ["1.1.0", "valid"],
    ]);
    for (const { id } of [beyond, beside, below]) expect(state.withoutEffect.get(id)).toBe("revoked");
    expect(state.signingKeys.get(keyOf("laptop").key)?.forkedAt).toBeUndefined();
  });

  it("leaves nothing of a key that was revoked at 0, and takes the strictest of several revocations", () => {
    const owner = publisherWithKey("owner");
    owner.release("laptop", { version: "1.0.0" });
    const early = linkOf(owner, "laptop");
    owner.release("laptop", { version: "1.1.0" });
    owner.revoke("laptop");
    expect(derivePublisher(owner.operations).releases).toHaveLength(2);
    owner.revoke("laptop", early);
    expect(derivePublisher(owner.operations).releases).toHaveLength(1);
    owner.grant("laptop");
    owner.revoke("laptop", linkOf(owner, "laptop"));
    expect(derivePublisher(owner.operations).releases).toHaveLength(1);
    owner.revoke("laptop", null);
    expect(derivePublisher(owner.operations).releases).toHaveLength(0);
  });

  it("waits for the head that a revocation names", () => {
    const owner = publisherWithKey("owner");
    const first = owner.release("laptop", { version: "1.0.0" });
    const head = owner.release("laptop", { version: "1.1.0" });
    owner.revoke("laptop");
    const state = derivePublisher(owner.operations.filter(({ id }) => id !== head.id));
    expect(state.releases).toEqual([]);
    expect(state.withoutEffect.get(first.id)).toBe("orphan");
    expect(state.admitted.has(first.id)).toBe(true);
  });
});

describe("versions", () => {
  it("attack: two contents of one version, in any spelling of the id, are a conflict", () => {
    const owner = publisherWithKey("owner");
    owner.grant("ci");
    owner.release("laptop", { id: "io.example.demo", content: "one" });
    owner.release("ci", { id: "IO.Example.Demo", content: "two" });
    owner.release("ci", { id: "io.example.demo", version: "1.0.1", content: "two" });
    expect(statusesOf(derivePublisher(owner.operations)).map(([, version, status]) => [version, status])).toEqual([
      ["1.0.0", "conflicted"],
      ["1.0.0", "conflicted"],
      ["1.0.1", "valid"],
    ]);
  });

  it("takes the same content released twice as one release", () => {
    const owner = publisherWithKey("owner");
    owner.grant("ci");
    const first = owner.release("laptop", { content: "one", time: start + 1 });
    const again = owner.release("ci", { content: "one", time: start + 2 });
    const state = derivePublisher(owner.operations);
    expect(state.releases.map(({ operation }) => operation.id)).toEqual([first.id]);
    expect(state.withoutEffect.get(again.id)).toBe("duplicate");
  });

  it("yanks and unyanks, also with another key; a yank of one key beats an unyank of another", () => {
    const owner = publisherWithKey("owner");
    owner.grant("ci");
    owner.release("laptop");
    const version = { id: "io.example.demo", version: "1.0.0" };
    owner.chain("ci", { type: "yank", ...version, reason: "leaks" });
    expect(derivePublisher(owner.operations).releases[0]).toMatchObject({ status: "yanked", yank: "leaks" });
    owner.chain("laptop", { type: "unyank", ...version });
    expect(derivePublisher(owner.operations).releases[0]?.status).toBe("yanked");
    owner.chain("ci", { type: "unyank", ...version });
    expect(derivePublisher(owner.operations).releases[0]).not.toHaveProperty("yank");
    owner.chain("ci", { type: "yank", ...version, reason: "" });
    expect(derivePublisher(owner.operations).releases[0]).toMatchObject({ status: "yanked", yank: "" });
  });

  it("lets another key take back what a revoked key yanked", () => {
    const owner = publisherWithKey("owner");
    owner.grant("ci");
    owner.release("laptop");
    const version = { id: "io.example.demo", version: "1.0.0" };
    owner.chain("ci", { type: "yank", ...version, reason: "thief" });
    owner.revoke("ci");
    expect(derivePublisher(owner.operations).releases[0]?.status).toBe("yanked");
    owner.chain("laptop", { type: "unyank", ...version });
    expect(derivePublisher(owner.operations).releases[0]?.status).toBe("valid");
  });

  it("attack: another publisher's yank changes nothing", () => {
    const owner = publisherWithKey("owner");
    const other = publisherWithKey("other");
    owner.release("laptop");
    other.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "envy" });
    const state = derivePublisher([...owner.operations, ...other.operations], owner.publisher);
    expect(state.releases[0]?.status).toBe("valid");
  });
});
