import { fillEverywhere } from "../test/disk-full/disk-full.ts";
import { machineText } from "./machine-text.ts";

/** How the command is called. */
export const diskFullUsage = "pnpm soak disk-full";

/**
 * Makes the disk full at every write of a first publish, of another and of an install, for that write alone and from there on.
 * @param argv - after `disk-full`: nothing
 * @returns exit status: 1 when something was not as it must be; undefined when the arguments are wrong
 */
export async function soakDiskFull(argv: readonly string[]): Promise<number | undefined> {
  if (argv.length > 0) return undefined;
  let failed = false;
  for (const scenario of ["first publish", "publish", "install"] as const) {
    const { points, runs, refused, faults } = await fillEverywhere(scenario, 1, (done, of) => {
      if (done % 20 === 0) process.stdout.write(`${scenario}: ${done} of ${of}\n`);
    });
    for (const fault of faults) process.stdout.write(`${fault}\n`);
    failed ||= faults.length > 0;
    // A row for bench/RESULTS.md.
    process.stdout.write(
      `| ${new Date().toISOString().slice(0, 10)} | ${machineText()} | \`${diskFullUsage}\` ` +
        `| ${scenario}: full at ${points} writes, ${runs} runs, ${refused} refused | ${faults.length} |\n`,
    );
  }
  return failed ? 1 : 0;
}
