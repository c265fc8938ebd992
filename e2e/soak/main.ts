import { diskFullUsage, soakDiskFull } from "./disk-full.ts";
import { fuzzUsage, soakFuzz } from "./fuzz.ts";
import { killPointsUsage, soakKillPoints } from "./kill-points.ts";
import { powerCutUsage, soakPowerCut } from "./power-cut.ts";

const tasks: ReadonlyMap<string, (argv: readonly string[]) => Promise<number | undefined>> = new Map([
  ["power-cut", soakPowerCut],
  ["fuzz", soakFuzz],
  ["kill-points", soakKillPoints],
  ["disk-full", soakDiskFull],
]);

// Ended by hand, it still takes its processes and disks with it.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));

const [name = "", ...argv] = process.argv.slice(2);
const status = await tasks.get(name)?.(argv);
if (status === undefined)
  process.stderr.write(
    `Usage: ${powerCutUsage}\n       ${fuzzUsage}\n       ${killPointsUsage}\n       ${diskFullUsage}\n`,
  );
process.exitCode = status ?? 2;
