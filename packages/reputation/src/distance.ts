import type { GeoLocation } from "@ggen/p2p-types";

/** The Earth's mean radius. */
const earthRadiusKm = 6371;
/** Within this distance there is a bonus. */
const bonusRangeKm = 100;
/** The bonus of a peer in the same place. */
const largestBonus = 0.1;

/**
 * The great-circle distance between two places, by the haversine formula.
 * @returns kilometres
 */
export function distanceKm(a: GeoLocation, b: GeoLocation): number {
  const latitudeA = toRadians(a.latitude);
  const latitudeB = toRadians(b.latitude);
  const sinLatitude = Math.sin((latitudeB - latitudeA) / 2);
  const sinLongitude = Math.sin(toRadians(b.longitude - a.longitude) / 2);
  const chord = sinLatitude ** 2 + Math.cos(latitudeA) * Math.cos(latitudeB) * sinLongitude ** 2;
  return 2 * earthRadiusKm * Math.asin(Math.sqrt(Math.min(1, chord)));
}

/**
 * What nearness adds to a score.
 * @param km - 0 or more; anything else gives 0
 * @returns 0-0.1: `0.1·(1 − km/100)` below 100 km
 */
export function geoBonus(km: number): number {
  return km >= 0 && km < bonusRangeKm ? largestBonus * (1 - km / bonusRangeKm) : 0;
}

function toRadians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
