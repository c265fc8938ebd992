import { appendFile, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parseLogSpec } from "@ggen/p2p-config";
import { describe, expect, it } from "vitest";

import { openLogFile } from "../../src/log/log-file.ts";
import { followLog, readLastLines } from "../../src/log/read-log.ts";
import { createTextLogger } from "../../src/log/text-logger.ts";
import { createManualClock } from "../support/clock.ts";
import { createFolder } from "../support/ggen.ts";

describe("the log", () => {
  const write = (spec: string): { readonly lines: string[]; readonly log: ReturnType<typeof createTextLogger> } => {
    const lines: string[] = [];
    const clock = createManualClock();
    return {
      lines,
      log: createTextLogger({ spec: parseLogSpec(spec), name: "ggen", clock, write: (line) => lines.push(line) }),
    };
  };

  it("writes time, level, name, message and facts", () => {
    const { lines, log } = write("info");
    log
      .child("net")
      .log("warn", "slow peer", { peer: "12D3", ms: 5, why: "two words", none: undefined, list: ["a", "b"] });
    expect(lines).toEqual([
      '2026-01-02T03:04:05.000Z warn  ggen:net slow peer peer=12D3 ms=5 why="two words" list=a,b\n',
    ]);
  });

  it("writes what its level lets through, by the longest name", () => {
    const { lines, log } = write("warn,ggen:net=debug,ggen:net:dht=off");
    log.log("info", "a");
    log.log("error", "b");
    log.child("net").log("debug", "c");
    log.child("net").log("trace", "d");
    log.child("net").child("dht").log("error", "e");
    expect(lines.map((line) => line.trim().at(-1))).toEqual(["b", "c"]);
  });

  it("keeps what strangers wrote on one line", () => {
    const { lines, log } = write("info");
    log.log("info", "agent\n2026-01-01T00:00:00.000Z error ggen forged", { agent: "\u001b[2J" });
    expect(lines).toHaveLength(1);
    expect(lines[0]?.match(/\n/g)).toHaveLength(1);
    expect(lines[0]).not.toContain("\u001b");
  });
});

describe("the log file", () => {
  it("is its owner's only, and is rotated by size, three old ones kept", async () => {
    const path = join(await createFolder(), "logs", "node.log");
    const file = openLogFile(path, 100);
    for (let number = 0; number < 50; number++) file.write(`line ${String(number).padStart(4, "0")}\n`);
    file.close();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(path, ".."))).mode & 0o777).toBe(0o700);
    const texts = await Promise.all(
      [path, `${path}.1`, `${path}.2`, `${path}.3`].map((name) => readFile(name, "utf8")),
    );
    expect(texts.every((text) => text.length <= 100)).toBe(true);
    const kept = texts.toReversed().join("").trim().split("\n");
    expect(kept.at(-1)).toBe("line 0049");
    expect(kept).toHaveLength(40);
    await expect(stat(`${path}.4`)).rejects.toThrow("ENOENT");
  });

  it("goes on where the last process ended", async () => {
    const path = join(await createFolder(), "node.log");
    for (const line of ["a\n", "b\n"]) {
      const file = openLogFile(path);
      file.write(line);
      file.close();
    }
    expect(await readFile(path, "utf8")).toBe("a\nb\n");
  });
});

describe("reading the log", () => {
  it("gives the last whole lines, also over block borders", async () => {
    const path = join(await createFolder(), "node.log");
    const lines = Array.from({ length: 5000 }, (_, number) => `line ${number} ${"x".repeat(50)}`);
    await writeFile(path, `${lines.join("\n")}\nunfinished`);
    const { lines: last, offset } = await readLastLines(path, 3000);
    expect(last).toEqual(lines.slice(-3000));
    expect((await readFile(path)).subarray(offset).toString()).toBe("unfinished");
    expect((await readLastLines(path, 0)).lines).toEqual([]);
  });

  it("follows what is added, also after a rotation", async () => {
    const path = join(await createFolder(), "node.log");
    await writeFile(path, "old\nhal");
    const { offset } = await readLastLines(path, 1);
    const seen: string[] = [];
    const stop = new AbortController();
    const arrived = Promise.withResolvers<void>();
    const following = followLog(
      path,
      offset,
      (line) => {
        seen.push(line);
        if (seen.length === 1) void rotate();
        if (seen.length === 2) arrived.resolve();
      },
      stop.signal,
    );
    const rotate = async (): Promise<void> => {
      await rename(path, `${path}.1`);
      await writeFile(path, "after\n");
    };
    await appendFile(path, "f\n");
    await arrived.promise;
    stop.abort();
    await following;
    expect(seen).toEqual(["half", "after"]);
  });

  it("says so when there is no log", async () => {
    await expect(readLastLines(join(await createFolder(), "node.log"), 5)).rejects.toMatchObject({
      code: "registry.not-running",
    });
  });
});
