import { describe, expect, it } from "vitest";

import { equalBytes, fromHex, sha256, silentLogger, systemClock, systemRandom, toHex } from "../src/index.ts";

describe("systemClock", () => {
  it("never goes back, and is in milliseconds since 1970", () => {
    const before = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(before);
    expect(new Date(systemClock.now()).getUTCFullYear()).toBeGreaterThan(2023);
  });

  it("stops sleeping when it is aborted, with the reason, before and during", async () => {
    const reason = new Error("enough");
    await expect(systemClock.sleep(60_000, AbortSignal.abort(reason))).rejects.toBe(reason);
    const controller = new AbortController();
    const sleeping = systemClock.sleep(60_000, controller.signal);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(0)).resolves.toBeUndefined();
  });

  it("calls back again and again until it is stopped", async () => {
    let calls = 0;
    await new Promise<void>((resolve) => {
      const stop = systemClock.every(1, () => {
        calls += 1;
        if (calls === 3) {
          stop();
          resolve();
        }
      });
      // The timer alone does not keep the process alive: this sleep does.
      void systemClock.sleep(5000);
    });
    expect(calls).toBe(3);
  });
});

describe("systemRandom", () => {
  it("gives as many bytes as asked, never twice the same, and numbers in [0, 1)", () => {
    expect(systemRandom.bytes(32)).toHaveLength(32);
    expect(systemRandom.bytes(32)).not.toEqual(systemRandom.bytes(32));
    for (let round = 0; round < 100; round++) {
      const number = systemRandom.number();
      expect(number >= 0 && number < 1).toBe(true);
    }
  });
});

describe("bytes", () => {
  it("goes to hexadecimal and back, also from inside a larger buffer", () => {
    const part = Uint8Array.of(9, 0, 255, 16, 9).subarray(1, 4);
    expect(toHex(part)).toBe("00ff10");
    expect(equalBytes(fromHex("00FF10"), part)).toBe(true);
    expect(equalBytes(part, part.subarray(1))).toBe(false);
    expect(() => fromHex("0")).toThrow(RangeError);
    expect(() => fromHex("zz")).toThrow(RangeError);
  });

  it("hashes with sha2-256", () => {
    expect(toHex(sha256(new Uint8Array()))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });

  it("logs nothing silently", () => {
    expect(silentLogger.child("x").log("error", "m")).toBeUndefined();
  });
});
