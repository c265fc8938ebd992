import { availableParallelism } from "node:os";

import { createWorld, type KillPoint, type ScenarioName } from "./world.ts";

/** What came of killing one scenario. */
export interface KillFigures {
  /** Calls that change the disk in a run that is not killed. */
  readonly points: number;
  readonly kills: number;
  /** Different calls in which the command died. */
  readonly hit: number;
  /** What was not as it must be, one line each. */
  readonly faults: readonly string[];
}

/** Calls that change what others see; a sample has all of them. */
const decisive = /^(?:rename|symlink|rmdir)/;

/**
 * Kills a scenario again and again, two at a time.
 * @param every - one of so many of the places is tried, and every decisive one; 1 for all
 * @param onKill - told how many were done
 */
export async function killEverywhere(
  scenario: ScenarioName,
  every: number,
  onKill?: (done: number, of: number) => void,
): Promise<KillFigures> {
  const world = await createWorld(scenario);
  const chosen = world.points.filter(({ call }, at) => at % every === 0 || decisive.test(call));
  const hits = new Set<string>();
  const faults: string[] = [];
  const waiting = [...chosen];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
      const { hit, faults: found } = await world.killAt(point);
      if (hit !== undefined) hits.add(hit);
      faults.push(...found.map((fault) => `${scenario}, ${nameOf(point)} (${hit ?? "not hit"}): ${fault}`));
      onKill?.((done += 1), chosen.length);
    }
  };
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  return { points: world.points.length, kills: chosen.length, hit: hits.size, faults };
}

function nameOf({ call, nth, firstThread }: KillPoint): string {
  return `${call} ${nth}${firstThread ? " of the first thread" : ""}`;
}
