import { availableParallelism } from "node:os";

import { createWorld, type KillPoint, type ScenarioName } from "./world.ts";

/** What came of killing one scenario. */
export interface KillFigures {
  /** Calls that change the disk in a run that is not killed. */
  readonly points: number;
  readonly kills: number;
  /** Different calls in which the command died, of those that change the disk. */
  readonly hit: number;
  /** What was not as it must be, one line each. */
  readonly faults: readonly string[];
}

/** Which places are tried: one of so many. */
export interface KillSample {
  /** Of those that change what others see: names and links. */
  readonly decisive: number;
  readonly others: number;
}

/** Calls that change what others see. */
const decisive = /^(?:rename|symlink|rmdir)/;

/**
 * Kills a scenario again and again, two at a time.
 * @param sample - all places when absent
 * @param onKill - told how many were done
 */
export async function killEverywhere(
  scenario: ScenarioName,
  sample: KillSample = { decisive: 1, others: 1 },
  onKill?: (done: number, of: number) => void,
): Promise<KillFigures> {
  const world = await createWorld(scenario);
  const isDecisive = ({ call }: KillPoint): boolean => decisive.test(call);
  const chosen = [
    ...world.points.filter(isDecisive).filter((_, at) => at % sample.decisive === 0),
    ...world.points.filter((point) => !isDecisive(point)).filter((_, at) => at % sample.others === 0),
  ];
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
  try {
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
  } finally {
    await world.close();
  }
  return { points: world.points.length, kills: chosen.length, hit: hits.size, faults };
}

function nameOf({ call, nth, firstThread }: KillPoint): string {
  return `${call} ${nth}${firstThread ? " of the first thread" : ""}`;
}
