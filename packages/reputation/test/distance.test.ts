import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { distanceKm, geoBonus } from "../src/index.ts";

const sanFrancisco = { latitude: 37.7749, longitude: -122.4194 };
const newYork = { latitude: 40.7128, longitude: -74.006 };
const place = fc.record({
  latitude: fc.double({ min: -90, max: 90, noNaN: true }),
  longitude: fc.double({ min: -180, max: 180, noNaN: true }),
});

describe("distanceKm", () => {
  it("is 4129.09 km from San Francisco to New York", () => {
    expect(distanceKm(sanFrancisco, newYork)).toBeCloseTo(4129.09, 2);
  });

  it("is half the circumference between opposite places, and small across the date line", () => {
    expect(distanceKm({ latitude: 90, longitude: 0 }, { latitude: -90, longitude: 0 })).toBeCloseTo(Math.PI * 6371);
    expect(distanceKm({ latitude: 0, longitude: 179.9 }, { latitude: 0, longitude: -179.9 })).toBeCloseTo(22.24, 1);
  });

  it("is a distance: symmetric, never negative, 0 to itself, never more than half around", () => {
    fc.assert(
      fc.property(place, place, (a, b) => {
        const km = distanceKm(a, b);
        expect(km).toBeGreaterThanOrEqual(0);
        expect(km).toBeLessThanOrEqual(Math.PI * 6371 + 1e-6);
        expect(distanceKm(b, a)).toBeCloseTo(km, 6);
        expect(distanceKm(a, a)).toBe(0);
      }),
    );
  });
});

describe("geoBonus", () => {
  it.each([
    [0, 0.1],
    [50, 0.05],
    [99, 0.001],
    [100, 0],
    [4129, 0],
    [-1, 0],
    [Number.NaN, 0],
    [Infinity, 0],
  ])("at %d km is %d", (km, bonus) => {
    expect(geoBonus(km)).toBeCloseTo(bonus, 10);
  });
});
