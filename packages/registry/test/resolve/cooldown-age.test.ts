import type { Package } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { cooldownOf, isYoung, sayPassedOver, sayYoung } from "../../src/resolve/cooldown.ts";
import { releaseOf } from "./releases.ts";
import { defineConfig } from "@ggen/p2p-config";
import { catalogOf, clockAt, TestPublisher } from "./signed-world.ts";

const release = releaseOf("1.0.0");
const name = "io.example.tool-kit@1.0.0";
const aged = (hours: number | undefined, cooldownHours = 24) => ({ ageHours: () => hours, cooldownHours });

describe("the age of a release", () => {
  it("is what passed since this node saw it, and its cooldown is none when its publisher is trusted", async () => {
    const author = new TestPublisher("author");
    const operation = author.release();
    const catalog = await catalogOf([author], clockAt(10));
    const config = defineConfig({ install: { cooldownHours: 7 } });
    const seen: Package = { ...release, operation: operation.id };
    const stranger = cooldownOf({ catalog, clock: clockAt(13.5), config }, author.publisher);
    expect(stranger.ageHours(seen)).toBe(3.5);
    expect(stranger.ageHours({ ...release, operation: "0".repeat(64) })).toBeUndefined();
    expect(stranger.cooldownHours).toBe(7);
    catalog.setTrust(author.publisher, { trusted: true });
    expect(cooldownOf({ catalog, clock: clockAt(10), config }, author.publisher).cooldownHours).toBe(0);
  });

  it.each([
    [0, 24, true],
    [23.99, 24, true],
    [24, 24, false],
    [90, 24, false],
    [undefined, 24, true],
    [undefined, 0, false],
    [0, 0, false],
    [-1, 0, false],
  ])("of %s hours under a cooldown of %s: young is %s", (hours, cooldownHours, young) => {
    expect(isYoung(release, aged(hours, cooldownHours))).toBe(young);
  });

  it.each([
    [0, "1 min"],
    [0.25, "15 min"],
    [0.99, "59 min"],
    [1, "1 h"],
    [1.6, "2 h"],
    [23.4, "23 h"],
  ])("of %s hours reads %s", (hours, text) => {
    expect(sayYoung(release, aged(hours))).toBe(`${name} is young: first seen ${text} ago`);
    expect(sayPassedOver(release, aged(hours))).toBe(
      `${name} was passed over: first seen ${text} ago, under install.cooldown_hours; install ${name} explicitly to have it now`,
    );
  });

  it("that is unknown is said to be", () => {
    expect(sayYoung(release, aged(undefined))).toBe(`the age of ${name} is unknown`);
    expect(sayPassedOver(release, aged(undefined))).toContain("first seen an unknown time ago");
  });
});
