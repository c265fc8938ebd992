import type { Conflict } from "@ggen/p2p-catalog";
import { familyVersion, isGgenError, type GgenError, type Package } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import {
  lockedWarnings,
  selectVersion,
  type VersionChoice,
  type VersionWish,
} from "../../src/resolve/select-version.ts";
import { publisher, releaseOf } from "./releases.ts";

const id = "io.example.tool-kit";
const yanked = { yanked: { reason: "" } };
const conflicted = { conflicted: true } as const;
const newerGgen = { ggenCompat: ">=99.0.0" };

/** A wish without a cooldown, or with ages in hours by version. */
function wish(given: Partial<VersionWish> & { readonly ages?: Readonly<Record<string, number>> } = {}): VersionWish {
  const { ages, ...rest } = given;
  return {
    ageHours: ({ version }) => ages?.[version],
    cooldownHours: ages === undefined ? 0 : 24,
    ...rest,
  };
}

function versionOf({ release, warnings }: VersionChoice): readonly [version: string, ...warnings: string[]] {
  return [release.version, ...warnings];
}

function refusalOf(releases: readonly Package[], wanted: VersionWish = wish()): GgenError {
  try {
    selectVersion(releases, wanted);
  } catch (error) {
    if (isGgenError(error)) return error;
    throw error;
  }
  throw new Error("a version was chosen");
}

describe("the version that is chosen", () => {
  const three = ["1.0.0", "1.1.0", "2.0.0"].map((version) => releaseOf(version));

  it.each([
    [undefined, "2.0.0"],
    ["*", "2.0.0"],
    ["^1.0.0", "1.1.0"],
    ["1.0.0", "1.0.0"],
    ["<1.1.0", "1.0.0"],
  ])("is the newest in %s: %s", (range, version) => {
    expect(versionOf(selectVersion(three, wish(range === undefined ? {} : { range })))).toEqual([version]);
  });

  it("is a prerelease only where it is asked for by name, or where there is nothing else and no range", () => {
    const prereleases = [releaseOf("1.0.0-a.1"), releaseOf("1.0.0-a.2")];
    expect(versionOf(selectVersion(prereleases, wish()))).toEqual(["1.0.0-a.2"]);
    expect(versionOf(selectVersion(prereleases, wish({ range: "1.0.0-a.1" })))).toEqual(["1.0.0-a.1"]);
    expect(versionOf(selectVersion([...prereleases, releaseOf("1.0.0")], wish()))).toEqual(["1.0.0"]);
    expect(versionOf(selectVersion([releaseOf("0.9.0"), ...prereleases], wish()))).toEqual(["0.9.0"]);
    expect(refusalOf(prereleases, wish({ range: "*" })).code).toBe("package.version-not-found");
  });

  it("is neither yanked nor conflicted nor for another ggen while there is another; a conflicted one is named", () => {
    const bad = [releaseOf("2.1.0", yanked), releaseOf("2.2.0", conflicted), releaseOf("2.3.0", newerGgen)];
    expect(versionOf(selectVersion([...three, ...bad], wish()))).toEqual([
      "2.0.0",
      `${id}@2.2.0 was passed over: Its publisher signed two different contents for ${id}@2.2.0`,
    ]);
    expect(versionOf(selectVersion([releaseOf("0.1.0", conflicted), ...three], wish()))).toEqual(["2.0.0"]);
    expect(versionOf(selectVersion([...three.slice(0, 2), releaseOf("1.9.0", conflicted), three[2]!], wish()))).toEqual(
      ["2.0.0"],
    );
    const sameGgen = releaseOf("3.0.0", { ggenCompat: familyVersion });
    expect(versionOf(selectVersion([...three, sameGgen], wish()))).toEqual(["3.0.0"]);
  });
});

describe("a locked version", () => {
  const releases = [releaseOf("1.0.0"), releaseOf("1.1.0", { yanked: { reason: "broken" } }), releaseOf("1.2.0")];
  const lock = (version: string, checksum = `sha256:${version}`): Partial<VersionWish> => ({
    locked: { version, checksum },
  });

  it("is taken while it is in the range, also when it is young or yanked, which is said", () => {
    expect(versionOf(selectVersion(releases, wish({ ...lock("1.0.0"), ages: { "1.0.0": 0 } })))).toEqual(["1.0.0"]);
    expect(versionOf(selectVersion(releases, wish(lock("1.1.0"))))).toEqual([
      "1.1.0",
      `${id}@1.1.0 was yanked: broken; it is installed because ggen.lock names it`,
    ]);
    expect(versionOf(selectVersion(releases, wish({ ...lock("1.0.0"), range: ">1.0.0" })))).toEqual(["1.2.0"]);
  });

  it("is not taken under another checksum", () => {
    expect(versionOf(selectVersion(releases, wish(lock("1.0.0", "sha256:1.1.0"))))).toEqual(["1.2.0"]);
    expect(versionOf(selectVersion(releases, wish(lock("1.0.5", "sha256:1.0.0"))))).toEqual(["1.2.0"]);
  });

  it("has said of it what speaks against it", () => {
    expect(lockedWarnings(releaseOf("1.0.0"))).toEqual([]);
    expect(lockedWarnings(releaseOf("1.0.0", { ...yanked, ...conflicted }))).toEqual([
      `${id}@1.0.0 was yanked; it is installed because ggen.lock names it`,
      `${id}@1.0.0 is one of two contents that its publisher signed; it is installed because ggen.lock names it`,
    ]);
  });
});

describe("a young version", () => {
  const releases = ["1.0.0", "1.1.0", "1.2.0"].map((version) => releaseOf(version));
  const passedOver =
    `${id}@1.2.0 was passed over: first seen 2 h ago, under install.cooldown_hours; ` +
    `install ${id}@1.2.0 explicitly to have it now`;

  it("is passed over for the newest one that has aged, and taken when it has itself", () => {
    const ages = { "1.0.0": 90, "1.1.0": 24, "1.2.0": 2 };
    expect(versionOf(selectVersion(releases, wish({ ages })))).toEqual(["1.1.0", passedOver]);
    expect(versionOf(selectVersion(releases, wish({ ages: { ...ages, "1.1.0": 23.9 } })))).toEqual([
      "1.0.0",
      passedOver,
    ]);
    expect(versionOf(selectVersion(releases, wish({ ages: { ...ages, "1.2.0": 24 } })))).toEqual(["1.2.0"]);
  });

  it("is taken with a warning where it is named, or where no older one will do", () => {
    const ages = { "1.0.0": 90, "1.1.0": 1, "1.2.0": 2 };
    const young = `${id}@1.2.0 is young: first seen 2 h ago`;
    expect(versionOf(selectVersion(releases, wish({ ages, range: "1.2.0" })))).toEqual(["1.2.0", young]);
    expect(versionOf(selectVersion(releases, wish({ ages, range: ">1.0.0" })))).toEqual(["1.2.0", young]);
    expect(versionOf(selectVersion(releases, wish({ ages: {} })))).toEqual([
      "1.2.0",
      `the age of ${id}@1.2.0 is unknown`,
    ]);
  });

  it("does not hide that a conflicted one was passed over too", () => {
    const more = [...releases, releaseOf("1.3.0", conflicted)];
    const note = `${id}@1.3.0 was passed over: Its publisher signed two different contents for ${id}@1.3.0`;
    expect(versionOf(selectVersion(more, wish({ ages: { "1.1.0": 24, "1.2.0": 2 } })))).toEqual([
      "1.1.0",
      note,
      passedOver,
    ]);
    expect(versionOf(selectVersion(more, wish({ ages: { "1.2.0": 2 } })))[1]).toBe(note);
  });
});

describe("a refusal", () => {
  it("says that there is no such version, and which there are, the last ten in order", () => {
    const releases = Array.from({ length: 12 }, (_, at) => releaseOf(`1.${at}.0`));
    const refused = refusalOf([...releases.slice(6), ...releases.slice(0, 6)], wish({ range: "^2.0.0" }));
    expect(refused).toMatchObject({
      code: "package.version-not-found",
      expected: "^2.0.0",
      got: releases
        .slice(2)
        .map(({ version }) => version)
        .join(", "),
      hint: `List its versions: ggen marketplace info ${publisher}/${id}`,
    });
    expect(refused.message).toBe(`${id} has no version in ^2.0.0`);
    expect(refusalOf([])).toMatchObject({ code: "package.version-not-found", expected: "any version", got: "" });
  });

  it("of a yanked version names the newest that can be installed", () => {
    const releases = [releaseOf("1.0.0"), releaseOf("1.1.0"), releaseOf("1.2.0", { yanked: { reason: "leaks" } })];
    const refused = refusalOf(releases, wish({ range: "1.2.0" }));
    expect(refused).toMatchObject({
      code: "package.yanked",
      hint: `Install another version: ggen marketplace install ${publisher}/${id}@1.1.0`,
    });
    expect(refused.message).toContain("leaks");
    expect(refusalOf([releaseOf("1.0.0", yanked)])).toMatchObject({
      code: "package.yanked",
      hint: `No version of it can be installed; see them: ggen marketplace info ${publisher}/${id}`,
    });
  });

  it("of a version for another ggen says which it needs", () => {
    const releases = [releaseOf("1.0.0"), releaseOf("2.0.0", newerGgen)];
    expect(refusalOf(releases, wish({ range: "^2.0.0" }))).toMatchObject({
      code: "package.incompatible",
      expected: "ggen >=99.0.0",
      hint: `Install another version: ggen marketplace install ${publisher}/${id}@1.0.0`,
    });
  });

  it("of a conflicted version names both records, and the newest that was signed once", () => {
    const bad = releaseOf("1.2.0", { ...conflicted, ...yanked });
    const fork: Conflict = { kind: "fork", operations: ["a", "b"] };
    const releases = [releaseOf("1.0.0"), releaseOf("1.1.0"), bad];
    const asked: string[] = [];
    const conflictOf = (release: Package): Conflict => {
      asked.push(release.version);
      return fork;
    };
    const refused = refusalOf(releases, wish({ range: "1.2.0", conflictOf }));
    expect(asked).toEqual(["1.2.0"]);
    expect(refused).toMatchObject({
      code: "package.conflict",
      got: "a and b",
      hint: `Install a version that it signed once: ggen marketplace install ${publisher}/${id}@1.1.0`,
      data: { publisher, id, version: "1.2.0", operation: bad.operation, kind: "fork", operations: ["a", "b"] },
    });
    expect(refused.message).toBe(`A key of ${publisher} signed two records with one number, at or before ${id}@1.2.0`);
    const alone = refusalOf([bad]);
    expect(alone.message).toBe(`Its publisher signed two different contents for ${id}@1.2.0`);
    expect(alone).toMatchObject({ code: "package.conflict", got: bad.operation, data: { kind: "version" } });
    expect(alone.hint).toContain("ggen marketplace search kit");
  });
});
