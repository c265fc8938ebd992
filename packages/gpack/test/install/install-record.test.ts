import { describe, expect, it } from "vitest";

import { formatStoredRecord, parseStoredRecord } from "../../src/install/install-record.ts";

const stored = {
  record: {
    id: "io.example.a",
    name: "A",
    version: "1.0.0",
    publisher: "ggen1onir4pg3ddbtsuwbzao623frybszz3icuf2kkyqqfhfvewcfr32q",
    cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    checksum: `sha256:${"0f".repeat(32)}`,
    size: 2048,
    dependencies: ["b"],
    installedAt: 1_700_000_000,
  },
  files: [{ path: "a/b.txt", size: 0, executable: false, sha256: "00".repeat(32) }],
};
const text = formatStoredRecord(stored);

describe("the record of an install", () => {
  it("reads as it was written", () => {
    expect(parseStoredRecord(text, "record.json")).toStrictEqual(stored);
  });

  it.each([
    ["a size that is written otherwise when it is written again", '"size":0', '"size":-0'],
    ["a size below zero", '"size":2048', '"size":-1'],
    ["a size that is no whole number", '"size":2048', '"size":2048.5'],
    ["a time that is no exact number", '"installedAt":1700000000', '"installedAt":1e300'],
    ["a path that leads out", '"a/b.txt"', '"../b.txt"'],
    ["another schema", '"schema":1', '"schema":2'],
    ["its end missing", "]}\n", ""],
  ])("is refused with %s", (_, was, is) => {
    expect(text).toContain(was);
    const damaged = text.replace(was, is);
    expect(() => parseStoredRecord(damaged, "record.json")).toThrow(
      expect.objectContaining({ code: "storage.corrupt", hint: expect.stringContaining("--force") as string }) as Error,
    );
  });
});
