import { describe, expect, it } from "vitest";

import { nearest } from "../../src/command-line/nearest.ts";
import { unknownCommand, unreadableLine } from "../../src/command-line/usage.ts";

const commands = [
  "doctor",
  "marketplace install",
  "marketplace search",
  "marketplace p2p start",
  "marketplace p2p stop",
];

describe("an unknown command", () => {
  it.each([
    ["marketplace serach words", "ggen marketplace serach", "marketplace search"],
    ["marketplace p2p strat", "ggen marketplace p2p strat", "marketplace p2p start"],
    ["install io.example.x", "ggen install", "marketplace install"],
    ["docter", "ggen docter", "doctor"],
    ["marketplace p2p serch", "ggen marketplace p2p serch", "marketplace search"],
  ])("%s: names %s, suggests %s", (typed, named, meant) => {
    const error = unknownCommand(typed.split(" "), commands);
    expect(error.message).toBe(`There is no command "${named}"`);
    expect(error.expected).toBe(`ggen ${meant}`);
    expect(error.hint).toContain(`Did you mean ggen ${meant}?`);
  });

  it("that is near to none gets the list of its topic", () => {
    const { expected, got, hint } = unknownCommand(["marketplace", "p2p", "nonsense"], commands);
    expect({ expected, got }).toEqual({ expected: "a command of ggen", got: '"nonsense"' });
    expect(hint).toBe("List the commands: ggen marketplace p2p --help");
  });
});

describe("a line that oclif cannot read", () => {
  it.each([
    ["Parsing --limit \n\tExpected an integer but received: many\nSee more help with --help", "an integer", '"many"'],
    ["Flag --limit expects a value", "a value after it", "none"],
    [
      "Expected --sort=age to be one of: relevance, name\nSee more help",
      "one of relevance, name\nSee more help",
      '"age"',
    ],
    ["Unexpected argument: y", "the arguments of this command; words that belong together stand in quotes", '"y"'],
    ["Missing 1 required arg:\npath  folder of the package", "folder of the package", "nothing"],
    [
      "The following error occurred:\n  --target=y cannot also be provided when using --global",
      "one of the two",
      "both",
    ],
    ["Nonexistent flag: --limt", "--limit", "--limt"],
    ["Nonexistent flag: --whatever", "--limit, --sort", "--whatever"],
    ["Something new", "what ggen x takes", "something else"],
  ])("%j", (text, expected, got) => {
    const error = unreadableLine(text, { command: "ggen x", flags: ["--limit", "--sort"], cause: undefined });
    expect(error).toMatchObject({ code: "usage.invalid", expected, got });
    expect(error.hint).toContain("Read: ggen x --help");
  });
});

describe("nearest", () => {
  it("counts swapped neighbours once, and suggests nothing far-fetched", () => {
    expect(nearest("strat", ["stop", "start"])).toBe("start");
    expect(nearest("xyz", ["start", "stop"])).toBeUndefined();
    expect(nearest("", ["start"])).toBeUndefined();
  });
});
