import { killEverywhere } from "../test/kill-points/kill-points.ts";
import { machineText } from "./machine-text.ts";

/** How the command is called. */
export const killPointsUsage = "pnpm soak kill-points [--network]";

/**
 * Kills an install and an update at every call that changes the disk, also where content is fetched from another node.
 * @param argv - after `kill-points`: with `--network` only these
 * @returns exit status: 1 when something was not as it must be; undefined when the arguments are wrong
 */
export async function soakKillPoints(argv: readonly string[]): Promise<number | undefined> {
  if (argv.some((arg) => arg !== "--network")) return undefined;
  const scenarios = ["install", "update", "install from the network", "update from the network"] as const;
  let failed = false;
  for (const scenario of argv.length > 0 ? scenarios.slice(2) : scenarios) {
    const { points, kills, hit, faults } = await killEverywhere(scenario, undefined, (done, of) => {
      if (done % 20 === 0) process.stdout.write(`${scenario}: ${done} of ${of}\n`);
    });
    for (const fault of faults) process.stdout.write(`${fault}\n`);
    failed ||= faults.length > 0;
    // A row for bench/RESULTS.md.
    process.stdout.write(
      `| ${new Date().toISOString().slice(0, 10)} | ${machineText()} | \`${["pnpm soak kill-points", ...argv].join(" ")}\` ` +
        `| ${scenario}: ${kills} kills at ${points} places, in ${hit} different calls | ${faults.length} |\n`,
    );
  }
  return failed ? 1 : 0;
}
