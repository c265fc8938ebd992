import { describe, expect, it } from "vitest";

import {
  decodeHeader,
  encodeHeader,
  maxFileBytes,
  paddingOf,
  splitPath,
  storedBytes,
} from "../../src/archive/header.ts";
import {
  comparePaths,
  createPathSet,
  isReservedName,
  maxDirectories,
  maxFiles,
  maxPathBytes,
  pathProblem,
} from "../../src/archive/path-rules.ts";

describe("a path of an archive", () => {
  it.each(["a", " a", "~", "a b/c~d", "-", "..a", "a..b", "...a/b", "x".repeat(maxPathBytes), ".gitignore", "git~a"])(
    "may be %j",
    (path) => {
      expect(pathProblem(path)).toBeUndefined();
    },
  );

  it.each([
    ["", "no characters"],
    ["x".repeat(maxPathBytes + 1), `${maxPathBytes + 1} bytes, over ${maxPathBytes}`],
    ["/a", "a slash at its beginning"],
    ["a//b", "an empty part between slashes"],
    ["a/", "an empty part between slashes"],
    [".", '"." as a part'],
    ["a/..", '".." as a part'],
    ["../a", '".." as a part'],
    ["a.", "a part that ends in a dot or a space"],
    ["a /b", "a part that ends in a dot or a space"],
    ["...", "a part that ends in a dot or a space"],
    [".git", '".git" as a part'],
    ["a/.GIT/b", '".GIT" as a part'],
    ["git~1", '"git~1" as a part'],
    ["GIT~9/x", '"GIT~9" as a part'],
    ["node_modules", '"node_modules" as a part'],
  ])("may not be %j, and it is said why", (path, problem) => {
    expect(pathProblem(path)).toBe(problem);
  });

  it.each(Array.from({ length: 256 }, (_, code) => code).filter((code) => code < 0x20 || code > 0x7e))(
    "holds no character %i",
    (code) => {
      expect(pathProblem(`a${String.fromCharCode(code)}b`)).toBe("a character that is not printable ASCII");
    },
  );

  it.each('\\:<>"|?*'.split(""))("holds no %s, wherever it stands", (character) => {
    for (const path of [character, `${character}a`, `a${character}`, `a/b${character}c/d`]) {
      expect(pathProblem(path)).toBe(String.raw`one of \ : < > " | ? *`);
    }
  });

  const numbers = Array.from({ length: 10 }, (_, at) => `${at}`);
  it.each([
    "con",
    "prn",
    "aux",
    "nul",
    "conin$",
    "conout$",
    ...numbers.flatMap((number) => [`com${number}`, `lpt${number}`]),
  ])("has no part that is the device %s, with or without extension, in any spelling", (device) => {
    for (const part of [device, device.toUpperCase(), `${device}.txt`, `${device} .txt`, `${device}  .`]) {
      const path = `a/${part}/b`;
      expect(pathProblem(path)).toMatch(/device on Windows|ends in a dot/);
    }
    for (const part of [`x${device}`, `${device}x`, `${device}-.txt`]) expect(pathProblem(part)).toBeUndefined();
  });

  it("knows reserved names by the whole name only", () => {
    expect([".git", ".Git", "git~1", "node_modules", "Node_Modules"].every(isReservedName)).toBe(true);
    for (const name of ["a.git", ".gitx", "git~", "git~10", "xnode_modules", "node_modules2", "git"]) {
      expect(isReservedName(name)).toBe(false);
    }
  });

  it("comes before another by its bytes", () => {
    expect(comparePaths("a", "b")).toBe(-1);
    expect(comparePaths("b", "a")).toBe(1);
    expect(comparePaths("B", "a")).toBe(-1);
    expect(comparePaths("a", "a")).toBe(0);
  });
});

describe("the paths of one archive", () => {
  const add = (...paths: readonly string[]): string | undefined => {
    const set = createPathSet();
    return paths.map((path) => set.add(path)).at(-1);
  };
  it.each([
    [["a", "b"], undefined],
    [["a/b", "a/c", "a/b2/c"], undefined],
    [["a", "A"], "a path that is there already, letters compared without case"],
    [["a/b", "a"], "a file where another path has a folder"],
    [["A/b/c", "a/B"], "a file where another path has a folder"],
    [["a", "a/b"], "a folder where another path has a file"],
    [["a/b", "a/b/c/d"], "a folder where another path has a file"],
    [["Doc/a", "doc/b"], 'the folder "Doc" in another spelling'],
    [["x/Doc/a", "x/doc/b"], 'the folder "x/Doc" in another spelling'],
  ] as const)("%j", (paths, problem) => {
    expect(add(...paths)).toBe(problem);
  });

  it("are at most so many files and folders, and a refused one takes no place", () => {
    const files = createPathSet();
    let refused = 0;
    for (let at = 0; at < maxFiles; at++) if (files.add(`${at}`) !== undefined) refused += 1;
    expect(refused).toBe(0);
    expect(files.add("one-more")).toBe(`more than ${maxFiles} files`);
    const folders = createPathSet();
    for (let at = 0; at < maxDirectories / 2; at++) folders.add(`${at}/x/f`);
    expect(folders.add("0/x/g")).toBeUndefined();
    expect(folders.add("one-more/f")).toBe(`more than ${maxDirectories} folders`);
  });
});

describe("a header", () => {
  it.each([
    ["x".repeat(100), { prefix: "", name: "x".repeat(100) }],
    [`${"p".repeat(155)}/${"n".repeat(84)}`, { prefix: "p".repeat(155), name: "n".repeat(84) }],
    [`${"p".repeat(139)}/${"n".repeat(100)}`, { prefix: "p".repeat(139), name: "n".repeat(100) }],
    [`a/${"b".repeat(60)}/${"c".repeat(60)}`, { prefix: `a/${"b".repeat(60)}`, name: "c".repeat(60) }],
    [
      `${"p".repeat(155)}/${"q".repeat(10)}/${"n".repeat(60)}`,
      { prefix: "p".repeat(155), name: `${"q".repeat(10)}/${"n".repeat(60)}` },
    ],
    ["x".repeat(101), undefined],
    [`${"p".repeat(156)}/n`, undefined],
    [`p/${"n".repeat(101)}`, undefined],
    [`/${"n".repeat(100)}`, undefined],
    [`${"p".repeat(110)}/`, undefined],
  ])("splits a path at the last slash that fits: %j", (path, split) => {
    expect(splitPath(path)).toEqual(split);
  });

  it("is refused for a path that does not fit", () => {
    expect(() => encodeHeader({ path: "x".repeat(101), size: 0, executable: false })).toThrow(RangeError);
  });

  it("says path, size and mode, with or without a prefix, and everything at its place", () => {
    for (const path of ["a", "x".repeat(100), `${"p".repeat(155)}/${"n".repeat(84)}`]) {
      for (const size of [0, 1, 511, 512, maxFileBytes]) {
        for (const executable of [true, false]) {
          const header = encodeHeader({ path, size, executable });
          expect(header).toHaveLength(512);
          expect(decodeHeader(header)).toEqual({ path, size, executable });
        }
      }
    }
    const text = Buffer.from(encodeHeader({ path: "d/a", size: 9, executable: true })).toString("latin1");
    expect(text.slice(0, 100)).toBe("d/a".padEnd(100, "\0"));
    expect(text.slice(100, 148)).toBe("0000755\x000000000\x000000000\x0000000000011\x0000000000000\x00");
    expect(text.slice(148, 156)).toMatch(/^[0-7]{6}\0 $/);
    expect(text.slice(156, 157)).toBe("0");
    expect(text.slice(157, 257)).toBe("\0".repeat(100));
    expect(text.slice(257, 265)).toBe("ustar\x0000");
    expect(text.slice(265, 329)).toBe("\0".repeat(64));
    expect(text.slice(329, 345)).toBe("0000000\x000000000\x00");
    expect(text.slice(345)).toBe("\0".repeat(167));
    const sum = [...Buffer.from(text, "latin1")].reduce(
      (total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte),
      0,
    );
    expect(Number.parseInt(text.slice(148, 154), 8)).toBe(sum);
  });

  it.each([
    ["a size with a sign", 124, "-0000000001"],
    ["a size of ten digits", 124, "0000000001 "],
    ["a size with a digit more", 124, "000000000001"],
    ["a size that is no octal number", 124, "00000000008"],
    ["another mode", 100, "0000777"],
    ["a mode without its zeros", 100, "755\0\0\0\0"],
  ])("is none with %s", (_, at, text) => {
    const header = Buffer.from(encodeHeader({ path: "a", size: 1, executable: false }));
    header.write(text, at, "latin1");
    expect(decodeHeader(header)).toBeUndefined();
  });

  it("knows what is stored of a content: header, bytes, and zeros to the end of a block", () => {
    expect([0, 1, 511, 512, 513].map(paddingOf)).toEqual([0, 511, 1, 0, 511]);
    expect([0, 1, 512, 513].map(storedBytes)).toEqual([512, 1024, 1024, 1536]);
  });
});
