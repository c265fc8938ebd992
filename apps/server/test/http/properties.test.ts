import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parsePackagePath } from "../../src/catalog/resolve.ts";
import { parseRange } from "../../src/http/byte-range.ts";
import { matchesNone } from "../../src/http/etag.ts";
import { isLoopback } from "../../src/http/host-check.ts";
import { preferredCoding, prefersHtml } from "../../src/http/negotiation.ts";
import { parseWeighted } from "../../src/http/quality.ts";

const digits = fc.nat({ max: 2_000 });

describe("Range", () => {
  it("is within the content, whatever a client writes", () => {
    const header = fc.oneof(
      fc.string(),
      fc.tuple(digits, digits).map(([a, b]) => `bytes=${a}-${b}`),
      fc.stringMatching(/^bytes=[-0-9, ]{0,30}$/),
    );
    fc.assert(
      fc.property(header, digits, (text, size) => {
        const range = parseRange(text, size);
        if (range.kind !== "part") return;
        expect(range.start).toBeGreaterThanOrEqual(0);
        expect(range.start).toBeLessThan(range.end);
        expect(range.end).toBeLessThanOrEqual(size);
      }),
      { numRuns: 2000 },
    );
  });

  it("is what slice gives", () => {
    fc.assert(
      fc.property(digits, digits, fc.integer({ min: 1, max: 2000 }), (first, last, size) => {
        const range = parseRange(`bytes=${first}-${last}`, size);
        const bytes = Buffer.alloc(size).subarray(first, last + 1);
        expect(range.kind).toBe(bytes.length === 0 ? "unsatisfiable" : "part");
        if (range.kind === "part") expect(range.end - range.start).toBe(bytes.length);
      }),
    );
  });

  it("ends with the content, however far it reaches", () => {
    for (const last of ["9".repeat(15), "9".repeat(16), "9".repeat(400)]) {
      expect(parseRange(`bytes=3-${last}`, 10)).toEqual({ kind: "part", start: 3, end: 10 });
      expect(parseRange(`bytes=-${last}`, 10)).toEqual({ kind: "part", start: 0, end: 10 });
      expect(parseRange(`bytes=${last}-`, 10)).toEqual({ kind: "unsatisfiable" });
    }
  });
});

describe("package path", () => {
  it("accepts an id or refuses it, and never lets a separator through", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[./\\%@a-z0-9 ]{0,30}$/)), (text) => {
        try {
          const { path } = parsePackagePath(text);
          expect(path).toMatch(/^\/packages\/[A-Za-z0-9._-]+(?:%2F[A-Za-z0-9._-]+)?$/);
          expect(path).not.toMatch(/(?:\/|%2F)\.\.?$/);
        } catch (error) {
          expect(error).toMatchObject({ code: "ref.invalid" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("If-None-Match", () => {
  const tag = fc.stringMatching(/^[!#-~]{0,20}$/).map((text) => `"${text}"`);

  it("matches exactly the lists that hold the tag", () => {
    fc.assert(
      fc.property(fc.array(tag, { minLength: 1, maxLength: 10 }), tag, fc.boolean(), (tags, own, weak) => {
        const header = tags.map((text) => (weak ? `W/${text}` : text)).join(" , ");
        expect(matchesNone(header, own)).toBe(tags.includes(own));
      }),
    );
  });

  it("ends for any text", () => {
    fc.assert(fc.property(fc.string(), (header) => void matchesNone(header, '"x"')));
    expect(matchesNone(`${'"a",'.repeat(4000)}"x"`, '"x"')).toBe(true);
    expect(matchesNone('"'.repeat(16_000), '"x"')).toBe(false);
    expect(matchesNone(`${" ".repeat(16_000)}x`, '"x"')).toBe(false);
  });
});

describe("Accept headers", () => {
  it("are read without a throw, weights within 0-1", () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        for (const { weight } of parseWeighted(header)) {
          expect(weight).toBeGreaterThanOrEqual(0);
          expect(weight).toBeLessThanOrEqual(1);
        }
        expect(["identity", "gzip", "zstd"]).toContain(preferredCoding(header));
      }),
    );
  });

  it.each([
    ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true],
    ["application/json", false],
    ["application/json, text/html;q=0.9", false],
    ["*/*", false],
    ["text/*", false],
    ["text/html;q=0", false],
    [undefined, false],
  ])("%s: a page? %s", (accept, expected) => {
    expect(prefersHtml(accept)).toBe(expected);
  });
});

it.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["localhost", true],
  ["0.0.0.0", false],
  ["::", false],
  ["192.168.1.2", false],
  ["127.0.0.1.evil.example", false],
])("%s is loopback: %s", (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
