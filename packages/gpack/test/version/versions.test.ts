import { describe, expect, it } from "vitest";

import { compareVersions, maxSatisfying, parseRange, satisfies } from "../../src/index.ts";

describe("versions", () => {
  it("are ordered by semver precedence", () => {
    const ordered = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "1.2.0", "1.10.0"];
    expect([...ordered].reverse().sort(compareVersions)).toEqual(ordered);
    expect(compareVersions("1.0.0", "1.0.0")).toBe(0);
  });

  it.each(["1.0", "v1.0.0", "1.0.0+build", "", "latest", "01.0.0", `1.0.${"9".repeat(20)}`])(
    "do not include %j",
    (text) => {
      expect(() => compareVersions(text, "1.0.0")).toThrow(
        expect.objectContaining({ code: "version.invalid" }) as Error,
      );
    },
  );
});

describe("ranges", () => {
  it("take a prerelease only if they name one", () => {
    expect(satisfies("2.0.0-rc.1", ">=1.0.0")).toBe(false);
    expect(satisfies("2.0.0-rc.1", "*")).toBe(false);
    expect(satisfies("2.0.0-rc.1", ">=2.0.0-alpha")).toBe(true);
    expect(satisfies("2.0.1-rc.1", ">=2.0.0-alpha")).toBe(false);
  });

  it("choose the highest version, whatever the order", () => {
    expect(maxSatisfying(["1.9.0", "1.10.0", "2.0.0", "1.2.3"], "^1.2")).toBe("1.10.0");
    expect(maxSatisfying(["2.0.0"], "^1.2")).toBeUndefined();
    expect(maxSatisfying([], "*")).toBeUndefined();
  });

  it("are any version when they are blank", () => {
    expect(parseRange(" ").test("0.0.1")).toBe(true);
  });

  it("are read without the blanks around them, up to 200 characters with these", () => {
    expect(parseRange(" ^1.2 ").text).toBe("^1.2");
    expect(parseRange("^1.2".padEnd(200)).test("1.3.0")).toBe(true);
    expect(() => parseRange("^1.2".padEnd(201))).toThrow(/not a version range/);
  });

  it.each(["newest", "^", ">=a", "1.2.3 - ", "1".repeat(201), "../x"])("do not include %j", (text) => {
    expect(() => parseRange(text)).toThrow(expect.objectContaining({ code: "version.invalid" }) as Error);
  });
});
