import { describe, expect, it } from "vitest";

import { HaveSurvey } from "../../src/download/have-survey.ts";

describe("a survey of what peers have", () => {
  it("asks those that have a part again while blocks come, and those that have all not", () => {
    const survey = new HaveSurvey(10);
    for (const peer of ["whole", "part"]) survey.asked(peer);
    expect(survey.answered("whole", Uint8Array.of(0xff, 0x03))).toBe(true);
    expect(survey.waiting).toBe(true);
    expect(survey.answered("part", Uint8Array.of(0xff, 0x01))).toBe(false);
    expect(survey.waiting).toBe(false);
    const { dueMs = -1 } = survey.due(0, true);
    expect(survey.due(dueMs - 1, true).askAgain).toEqual([]);
    expect(survey.due(dueMs, true).askAgain).toEqual(["part"]);
    // Not while its answer is under way, and no more once it has all.
    expect(survey.due(2 * dueMs, true).askAgain).toEqual([]);
    expect(survey.answered("part", Uint8Array.of(0xff, 0x03))).toBe(true);
    expect(survey.due(10 * dueMs, true)).toEqual({ askAgain: [], connectAgain: [], dueMs: undefined });
  });

  it("connects again to those that had nothing, and remembers that they had", () => {
    const survey = new HaveSurvey(10);
    expect(survey.asked("empty")).toBe(false);
    survey.lacks("empty", "empty");
    const { dueMs = -1 } = survey.due(0, true);
    expect(survey.due(dueMs, true).connectAgain).toEqual([["empty", "empty"]]);
    expect(survey.due(10 * dueMs, true).connectAgain).toEqual([]);
    expect(survey.asked("empty")).toBe(true);
  });

  it("asks everybody one last time when nothing comes any more, and then gives up", () => {
    const survey = new HaveSurvey(10);
    survey.asked("part");
    survey.answered("part", Uint8Array.of(1));
    survey.lacks("empty", "empty");
    survey.due(0, true);
    const last = survey.due(1, false);
    expect(last).toEqual({ askAgain: ["part"], connectAgain: [["empty", "empty"]], dueMs: undefined });
    survey.answered("part", Uint8Array.of(1));
    expect(survey.due(2, false)).toEqual({ askAgain: [], connectAgain: [], dueMs: undefined });
  });

  it("does not look again for a content of one chunk: who lacks it has nothing to give", () => {
    const survey = new HaveSurvey(1);
    survey.lacks("empty", "empty");
    survey.due(0, true);
    expect(survey.due(10_000, true).connectAgain).toEqual([]);
  });
});
