import type { Package, PublisherId } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";

const msPerHour = 3_600_000;

/** How long releases of a publisher wait before they are preferred, and how old each is. */
export interface Cooldown {
  /** How long ago a release was first seen, in hours; undefined when unknown. Its author's time plays no part. */
  readonly ageHours: (release: Package) => number | undefined;
  /** Releases younger than this are passed over while an older eligible one exists; 0 for a trusted publisher. */
  readonly cooldownHours: number;
}

/** The cooldown of a publisher's releases on this node. */
export function cooldownOf(parts: Pick<Parts, "catalog" | "clock" | "config">, publisher: PublisherId): Cooldown {
  return {
    ageHours(release) {
      const seen = parts.catalog.firstSeen(release.operation);
      return seen === undefined ? undefined : (parts.clock.now() - seen.atMs) / msPerHour;
    },
    cooldownHours: parts.catalog.trusted().has(publisher) ? 0 : parts.config.install.cooldownHours,
  };
}

/** Whether a release is younger than its cooldown, or of unknown age. */
export function isYoung(release: Package, { ageHours, cooldownHours }: Cooldown): boolean {
  return cooldownHours > 0 && (ageHours(release) ?? 0) < cooldownHours;
}

/** Says how young a release is. */
export function sayYoung(release: Package, cooldown: Cooldown): string {
  const name = `${release.id}@${release.version}`;
  return cooldown.ageHours(release) === undefined
    ? `the age of ${name} is unknown`
    : `${name} is young: first seen ${age(release, cooldown)} ago`;
}

/** Says that a release was passed over for its youth. */
export function sayPassedOver(release: Package, cooldown: Cooldown): string {
  const name = `${release.id}@${release.version}`;
  return (
    `${name} was passed over: first seen ${age(release, cooldown)} ago, under install.cooldown_hours; ` +
    `install ${name} explicitly to have it now`
  );
}

function age(release: Package, { ageHours }: Cooldown): string {
  const hours = ageHours(release);
  if (hours === undefined) return "an unknown time";
  return hours < 1 ? `${Math.max(1, Math.round(hours * 60))} min` : `${Math.round(hours)} h`;
}
