import { systemRandom } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createRecoveryWords, rotationKeyOf } from "../../src/index.ts";
import { closedHome, copyRecords, openRegistry, packageFolder, publisherOf, temporaryFolder } from "./world.ts";

describe("recovery on a new machine", () => {
  it("finds the publisher of the words, grants a key and goes on publishing", async () => {
    const old = await closedHome("io.example.kept");
    const home = await temporaryFolder();
    await copyRecords(old.home, home, old.publisher);
    const registry = await openRegistry({}, home);
    const recovered = await registry.publishers.recover({ recoveryWords: [old.words], label: "new laptop" });
    expect(recovered).toMatchObject({ publisher: old.publisher, label: "new laptop", overridden: [] });
    const published = await registry.publish(await packageFolder("io.example.kept", "1.1.0"));
    expect(published).toMatchObject({ publisher: old.publisher, created: true });
    expect(published.recoveryWords).toBeUndefined();
    expect(await registry.listVersions("io.example.kept")).toEqual(["1.0.0", "1.1.0"]);
    const { signingKeys, own } = await publisherOf(registry, old.publisher);
    expect(own).toBe(true);
    expect(signingKeys.map(({ label, local }) => [label, local])).toEqual([
      ["first key", false],
      ["new laptop", true],
    ]);
  });

  it("says what is missing when the catalogue does not know the publisher", async () => {
    const registry = await openRegistry();
    const words = createRecoveryWords(systemRandom);
    const refused = await registry.publishers.recover({ recoveryWords: [words] }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "publisher.not-found" });
    expect((refused as { hint: string }).hint).toContain("ggen marketplace p2p start");
    expect(JSON.stringify(refused)).not.toContain(words.split(" ").slice(0, 2).join(" "));
  });
});

describe("two machines of one publisher", () => {
  it("publish without knowledge of each other, and nothing collides", async () => {
    const a = await closedHome("io.example.both");
    const homeB = await temporaryFolder();
    await copyRecords(a.home, homeB, a.publisher);
    const b = await openRegistry({}, homeB);
    await b.publishers.recover({ recoveryWords: [a.words] });
    await b.publish(await packageFolder("io.example.both", "2.0.0"));
    const again = await openRegistry({}, a.home);
    await again.publish(await packageFolder("io.example.both", "3.0.0"));
    await Promise.all([again.close(), b.close()]);
    await copyRecords(a.home, homeB, a.publisher);
    await copyRecords(homeB, a.home, a.publisher);
    for (const home of [a.home, homeB]) {
      const registry = await openRegistry({}, home);
      expect(await registry.listVersions("io.example.both")).toEqual(["1.0.0", "2.0.0", "3.0.0"]);
      expect((await publisherOf(registry, a.publisher)).frozen).toBe(false);
      await registry.close();
    }
  });

  it("may have no words on the second: its key is requested there and granted on the first", async () => {
    const a = await closedHome("io.example.asked");
    const homeB = await temporaryFolder();
    await copyRecords(a.home, homeB, a.publisher);
    const b = await openRegistry({}, homeB);
    const { key } = await b.publishers.requestKey({ publisher: a.publisher });
    await expect(b.publish(await packageFolder("io.example.asked", "2.0.0"))).rejects.toMatchObject({
      code: "publish.no-key",
    });
    await b.close();
    const again = await openRegistry({}, a.home);
    const granted = await again.publishers.grant({ key, label: "build server", recoveryWords: [a.words] });
    expect(granted).toMatchObject({ key, label: "build server", publisher: a.publisher });
    await expect(again.publishers.grant({ key, recoveryWords: [a.words] })).rejects.toMatchObject({
      code: "usage.invalid",
    });
    await again.close();
    await copyRecords(a.home, homeB, a.publisher);
    const ready = await openRegistry({}, homeB);
    expect(await ready.publish(await packageFolder("io.example.asked", "2.0.0"))).toMatchObject({
      publisher: a.publisher,
      created: true,
    });
  });
});

describe("rotation", () => {
  it("makes the old words worthless and the new ones good", async () => {
    const registry = await openRegistry();
    const { publisher, recoveryWords } = await registry.publishers.init("me");
    const words = [createRecoveryWords(systemRandom), createRecoveryWords(systemRandom)];
    const keys = words.map((text) => rotationKeyOf(text));
    await registry.publishers.rotate({ keys, threshold: 2, recoveryWords: [recoveryWords] });
    expect(await publisherOf(registry, publisher)).toMatchObject({ rotationKeys: keys, threshold: 2 });
    for (const given of [[recoveryWords], [words[0] ?? ""], [words[1] ?? "", words[1] ?? ""]]) {
      await expect(registry.publishers.grant({ recoveryWords: given })).rejects.toMatchObject({
        code: "publisher.unauthorised",
      });
    }
    expect(await registry.publishers.grant({ recoveryWords: words })).toMatchObject({ publisher });
  });

  it.each([
    ["no key", [], 1],
    ["a threshold above the number of keys", ["a"], 2],
    ["a threshold of nobody", ["a"], 0],
    ["one key twice", ["a", "a"], 1],
  ])("refuses %s", async (_, names, threshold) => {
    const registry = await openRegistry();
    const { recoveryWords } = await registry.publishers.init();
    const key = rotationKeyOf(createRecoveryWords(systemRandom));
    const keys = names.map(() => key);
    await expect(registry.publishers.rotate({ keys, threshold, recoveryWords: [recoveryWords] })).rejects.toMatchObject(
      {
        code: "usage.invalid",
      },
    );
  });
});

describe("a threshold", () => {
  it("is never satisfied by one key counted twice, whatever the spelling of its words", async () => {
    const registry = await openRegistry();
    const { rotationKeys } = await registry.publishers.init("me", { keys: 3, threshold: 2 });
    expect(rotationKeys.map(({ rank }) => rank)).toEqual([1, 2, 3]);
    const [first = "", second = ""] = rotationKeys.map((key) => key.recoveryWords);
    const spelt = first.toUpperCase().replaceAll(" ", "  ");
    // The harm: whoever counts texts counts two.
    expect(new Set([first, spelt, first]).size).toBe(2);
    const refused = await registry.publishers
      .grant({ recoveryWords: [first, spelt, first] })
      .catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: "publisher.unauthorised", expected: "2 of its 3 rotation keys" });
    expect(await registry.publishers.grant({ recoveryWords: [second, first] })).toMatchObject({ overridden: [] });
  });

  it("of more keys than there are cannot be made", async () => {
    const registry = await openRegistry();
    for (const count of [{ keys: 6 }, { keys: 0 }, { keys: 2, threshold: 3 }, { threshold: 2 }]) {
      await expect(registry.publishers.init("me", count)).rejects.toMatchObject({ code: "usage.invalid" });
    }
    expect(await registry.publishers.list()).toEqual([]);
  });
});

describe("a domain", () => {
  it("is claimed with the record to put into the DNS, and given up", async () => {
    const registry = await openRegistry();
    const { publisher, recoveryWords } = await registry.publishers.init();
    const words = { recoveryWords: [recoveryWords] };
    expect(await registry.publishers.setDomain({ domain: "Example.COM.", claim: true, ...words })).toMatchObject({
      domain: "example.com",
      claimed: true,
      record: { name: "_ggen.example.com", type: "TXT", value: `ggen1 publisher=${publisher}` },
    });
    expect((await publisherOf(registry, publisher)).domains).toEqual(["example.com"]);
    await registry.publishers.setDomain({ domain: "example.com", claim: false, ...words });
    expect((await publisherOf(registry, publisher)).domains).toEqual([]);
    await expect(
      registry.publishers.setDomain({ domain: "example.com", claim: false, ...words }),
    ).rejects.toMatchObject({
      code: "usage.invalid",
    });
  });

  it.each(["com", "co.uk", "github.io", "www.example.com", "localhost", "192.0.2.1", "a..b", "exämple.com", ""])(
    "%j cannot be claimed",
    async (domain) => {
      const registry = await openRegistry();
      const { recoveryWords } = await registry.publishers.init();
      await expect(
        registry.publishers.setDomain({ domain, claim: true, recoveryWords: [recoveryWords] }),
      ).rejects.toMatchObject({ code: "usage.invalid" });
    },
  );
});
