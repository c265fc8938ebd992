import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { parseArgs } from "node:util";

import { cutPower } from "../power-cut/cut-power.ts";
import { machineText } from "./machine-text.ts";

/** How the command is called. */
export const powerCutUsage = "pnpm soak power-cut [--cuts N] [--seed N] [--keep FOLDER]";

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
    onCut({ cuts: done, publishes, installs, late, losses }) {
      process.stdout.write(
        `cut ${done}: ${publishes} publishes, ${installs} installs, ${late} too late, ${losses.length} lost\n`,
      );
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
