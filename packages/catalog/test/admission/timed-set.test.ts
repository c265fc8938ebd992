import { expect, it } from "vitest";

import { TimedSet } from "../../src/admission/timed-set.ts";

it("has names until their time, the last that was said, or until they are taken out", () => {
  const names = new TimedSet(9);
  expect(names.has("a", 0)).toBe(false);
  names.add("a", 10);
  names.add("b", 10);
  expect([names.has("a", 9), names.has("a", 10)]).toEqual([true, false]);
  names.add("a", 20);
  expect([names.has("a", 19), names.has("b", 19)]).toEqual([true, false]);
  names.delete("a");
  expect([names.has("a", 9), names.has("b", 9)]).toEqual([false, true]);
});

it("has no more than so many: who was added first is forgotten first", () => {
  const names = new TimedSet(2);
  for (const name of ["a", "b", "a"]) names.add(name, 10);
  expect(["a", "b"].map((name) => names.has(name, 0))).toEqual([true, true]);
  names.add("c", 10);
  expect(["a", "b", "c"].map((name) => names.has(name, 0))).toEqual([true, false, true]);
});
