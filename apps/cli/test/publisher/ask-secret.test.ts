import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { askSecret, type Terminal } from "../../src/rotation-keys/ask-secret.ts";

/** A terminal whose output is kept. */
function terminal(isTTY: boolean): Terminal & { readonly input: PassThrough; shown(): string } {
  const input = Object.assign(new PassThrough(), { isTTY }) as unknown as PassThrough & NodeJS.ReadStream;
  const output = new PassThrough();
  return { input, output, shown: () => String(output.read() ?? "") };
}

const never = new AbortController().signal;

describe("a secret that is typed", () => {
  it("comes back, with its corrections, and is not shown", async () => {
    const tty = terminal(true);
    const asked = askSecret("Words: ", "--words-file", never, tty);
    tty.input.write("abandon amounx\u007ft liar\r");
    expect(await asked).toBe("abandon amount liar");
    expect(tty.shown()).toBe("Words: \n");
  });

  it.each([
    ["Ctrl-C", "abandon\u0003"],
    ["Ctrl-D", "\u0004"],
  ])("is given up with %s", async (_, keys) => {
    const tty = terminal(true);
    const asked = askSecret("Words: ", "--words-file", never, tty);
    tty.input.write(keys);
    await expect(asked).rejects.toMatchObject({ code: "aborted" });
    expect(tty.shown()).not.toContain("abandon");
  });

  it("is not asked for without a terminal", async () => {
    await expect(askSecret("Words: ", "--words-file PATH", never, terminal(false))).rejects.toMatchObject({
      code: "usage.invalid",
      expected: "a terminal, or --words-file PATH",
    });
  });
});
