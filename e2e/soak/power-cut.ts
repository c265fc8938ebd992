import { parseArgs } from "node:util";

import { cutPower } from "../power-cut/cut-power.ts";
import { machineText } from "./machine-text.ts";

/** How the command is called. */
export const powerCutUsage = "pnpm soak power-cut [--cuts N] [--seed N]";

/**
 * Runs the power-cut rig by hand.
 * @param argv - after `power-cut`
 * @returns exit status: 1 when something was lost; undefined when the arguments are wrong
 */
export async function soakPowerCut(argv: readonly string[]): Promise<number | undefined> {
  const { values } = parseArgs({
    args: [...argv],
    options: { cuts: { type: "string", default: "500" }, seed: { type: "string", default: String(Date.now() % 1e6) } },
  });
  const cuts = Number(values.cuts);
  const seed = Number(values.seed);
  if (!Number.isInteger(cuts) || cuts < 1 || !Number.isInteger(seed)) return undefined;
  let told = 0;
  const figures = await cutPower({
    cuts,
    seed,
    onCut({ cuts: done, publishes, installs, losses }) {
      process.stdout.write(`cut ${done}: ${publishes} publishes, ${installs} installs, ${losses.length} lost\n`);
      for (const loss of losses.slice(told)) process.stdout.write(`lost: ${loss}\n`);
      told = losses.length;
    },
  });
  // A row for bench/RESULTS.md.
  process.stdout.write(
    `| ${new Date().toISOString().slice(0, 10)} | ${machineText()} | \`pnpm soak power-cut --cuts ${cuts} --seed ${seed}\` ` +
      `| ${figures.publishes} publishes and ${figures.installs} installs acknowledged over ${figures.cuts} cuts ` +
      `| ${figures.losses.length} lost |\n`,
  );
  return figures.losses.length === 0 ? 0 : 1;
}
