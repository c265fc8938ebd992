import { open, rename } from "node:fs/promises";

import { describe, expect, it } from "vitest";

import { systemReason } from "../src/index.ts";

const thrownBy = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  );

describe("systemReason", () => {
  it("is the system's words and code, without the call and its paths", async () => {
    expect(systemReason(await thrownBy(open("/nowhere/it's, a file")))).toBe("no such file or directory (ENOENT)");
    expect(systemReason(await thrownBy(rename("/nowhere/a", "/nowhere/b")))).toBe("no such file or directory (ENOENT)");
    expect(systemReason(await thrownBy(open("/dev/null/below")))).toBe("not a directory (ENOTDIR)");
  });

  it("is the message of any other error, and the text of anything else", () => {
    expect(systemReason(new Error("it is not a regular file"))).toBe("it is not a regular file");
    expect(systemReason(Object.assign(new Error("said otherwise"), { code: "EACCES" }))).toBe("said otherwise");
    expect(systemReason("text")).toBe("text");
  });
});
