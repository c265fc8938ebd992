import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { cutPower } from "../power-cut/cut-power.ts";
import { machineText } from "./machine-text.ts";

/** How the command is called. */
export const powerCutUsage = "pnpm soak power-cut [--cuts N] [--seed N] [--keep FOLDER]";

/** Installs from the network that were interrupted, by what they were at. */
function stepsText(interrupted: Readonly<Record<string, number>>): string {
  const { asked = 0, fetch = 0, ...later } = interrupted;
  const rest = Object.values(later).reduce((sum, count) => sum + count, 0);
  return `${asked + fetch + rest} more of these (${asked} before the first chunk was there, ${fetch} while chunks came, ${rest} later)`;
}

/**
 * Runs the power-cut rig by hand.
 * @param argv - after `power-cut`
 * @returns exit status: 1 when something was lost; undefined when the arguments are wrong
 */
export async function soakPowerCut(argv: readonly string[]): Promise<number | undefined> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      cuts: { type: "string", default: "500" },
      seed: { type: "string", default: String(Date.now() % 1e6) },
      keep: { type: "string" },
    },
  });
  const cuts = Number(values.cuts);
  const seed = Number(values.seed);
  if (!Number.isInteger(cuts) || cuts < 1 || !Number.isInteger(seed)) return undefined;
  if (values.keep !== undefined) mkdirSync(values.keep, { recursive: true });
  let told = 0;
  const figures = await cutPower({
    cuts,
    seed,
    ...(values.keep === undefined ? {} : { keep: resolve(values.keep) }),
    onCut({ cuts: done, publishes, installs, fetches, interrupted, late, losses }) {
      process.stdout.write(
        `cut ${done}: ${publishes} publishes, ${installs} installs, ${fetches} from the network, ` +
          `interrupted at ${JSON.stringify(interrupted)}, ${late} too late, ${losses.length} lost\n`,
      );
      for (const loss of losses.slice(told)) process.stdout.write(`lost: ${loss}\n`);
      told = losses.length;
    },
  });
  // A row for bench/RESULTS.md.
  process.stdout.write(
    `| ${new Date().toISOString().slice(0, 10)} | ${machineText()} | \`pnpm soak power-cut --cuts ${cuts} --seed ${seed}\` ` +
      `| ${figures.publishes} publishes, ${figures.installs} installs from the store and ${figures.fetches} from the ` +
      `network acknowledged over ${figures.cuts} cuts, which interrupted ${stepsText(figures.interrupted)} ` +
      `| ${figures.losses.length} lost |\n`,
  );
  return figures.losses.length === 0 ? 0 : 1;
}
