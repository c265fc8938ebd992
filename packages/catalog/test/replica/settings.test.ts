import { describe, expect, it } from "vitest";

import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog } from "./folder.ts";

const invalid = (code: string): unknown => expect.objectContaining({ code });

describe("trust and nicknames", () => {
  it("remembers whom the user trusts, and keeps a nickname when trust ends", () => {
    const catalog = testCatalog();
    const { publisher } = publisherWithKey("owner");
    expect(catalog.nicknameOf(publisher)).toBeUndefined();
    catalog.setTrust(publisher, { trusted: true, nickname: "Friend" });
    expect(catalog.trusted()).toEqual(new Set([publisher]));
    catalog.setTrust(publisher, { trusted: false });
    expect(catalog.trusted()).toEqual(new Set());
    expect(catalog.nicknameOf(publisher)).toBe("Friend");
    expect(catalog.publishers()).toEqual([{ publisher, trusted: false, nickname: "Friend", packages: 0 }]);
  });

  it("attack: refuses nicknames that are taken in any case, or that look like an id", () => {
    const catalog = testCatalog();
    const [owner, other] = [publisherWithKey("owner"), publisherWithKey("other")];
    catalog.setTrust(owner.publisher, { trusted: true, nickname: "Friend" });
    for (const nickname of ["fRIEND", other.publisher.slice(0, 20), "GGEN1abc", "", "a/b", "a b", "x".repeat(65)]) {
      expect(() => catalog.setTrust(other.publisher, { trusted: true, nickname })).toThrow(invalid("usage.invalid"));
    }
    expect(catalog.trusted()).toEqual(new Set([owner.publisher]));
    catalog.setTrust(owner.publisher, { trusted: true, nickname: "friend" });
    expect(catalog.nicknameOf(owner.publisher)).toBe("friend");
  });

  it("resolves ids, unique prefixes of 8 or more characters, and nicknames", async () => {
    const catalog = testCatalog();
    const [owner, unknown] = [publisherWithKey("owner"), publisherWithKey("unknown")];
    await catalog.accept([owner.genesis.envelope], { via: "sync" });
    catalog.setTrust(owner.publisher, { trusted: false, nickname: "Friend" });
    expect(catalog.resolvePublisher(owner.publisher)).toBe(owner.publisher);
    expect(catalog.resolvePublisher(unknown.publisher)).toBe(unknown.publisher);
    expect(catalog.resolvePublisher(owner.publisher.slice(0, 8))).toBe(owner.publisher);
    expect(catalog.resolvePublisher("friend")).toBe(owner.publisher);
    for (const text of [
      owner.publisher.slice(0, 7),
      unknown.publisher.slice(0, 20),
      "nobody",
      "%%%%%%%%",
      "ggen1'--",
    ]) {
      expect(() => catalog.resolvePublisher(text)).toThrow(invalid("publisher.not-found"));
    }
  });

  it("refuses a prefix that several ids share", () => {
    const catalog = testCatalog();
    const [one, two] = [`ggen1aaaaa${"b".repeat(47)}`, `ggen1aaaaa${"c".repeat(47)}`];
    for (const publisher of [one, two]) catalog.setTrust(publisher, { trusted: true });
    expect(() => catalog.resolvePublisher("ggen1aaaaa")).toThrow(invalid("publisher.not-found"));
    expect(catalog.resolvePublisher("ggen1aaaaab")).toBe(one);
  });
});

describe("pins and values", () => {
  it("pins an id in any case, and forgets it", () => {
    const catalog = testCatalog();
    catalog.pinOwner("IO.Example.Demo", "ggen1a");
    expect(catalog.pinnedOwner("io.example.demo")).toBe("ggen1a");
    catalog.pinOwner("io.example.demo", undefined);
    expect(catalog.pinnedOwner("io.example.demo")).toBeUndefined();
    expect(() => catalog.pinOwner("no such/id", "ggen1a")).toThrow(invalid("id.invalid"));
  });

  it("keeps values, replaces and removes them", () => {
    const catalog = testCatalog();
    expect(catalog.meta("queue")).toBeUndefined();
    catalog.setMeta("queue", "[1]");
    catalog.setMeta("queue", "[1,2]");
    expect(catalog.meta("queue")).toBe("[1,2]");
    catalog.setMeta("queue", undefined);
    expect(catalog.meta("queue")).toBeUndefined();
    expect(() => catalog.setMeta("queue", "x".repeat(17 * 1024 * 1024))).toThrow(RangeError);
  });
});
