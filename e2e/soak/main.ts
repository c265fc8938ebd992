import { cpus, release } from "node:os";
import { parseArgs } from "node:util";

import { cutPower } from "../power-cut/cut-power.ts";

const usage = "Usage: pnpm soak power-cut [--cuts N] [--seed N]\n";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { cuts: { type: "string", default: "500" }, seed: { type: "string", default: String(Date.now() % 1e6) } },
});
const cuts = Number(values.cuts);
const seed = Number(values.seed);
if (positionals.join() !== "power-cut" || !Number.isInteger(cuts) || cuts < 1 || !Number.isInteger(seed)) {
  process.stderr.write(usage);
  process.exit(2);
}

const figures = await cutPower({
  cuts,
  seed,
  onCut({ cuts: done, publishes, installs, losses }) {
    process.stdout.write(`cut ${done}: ${publishes} publishes, ${installs} installs, ${losses.length} lost\n`);
  },
});
for (const loss of figures.losses) process.stdout.write(`lost: ${loss}\n`);
const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Linux ${release()}, Node ${process.version}`;
// A row for bench/RESULTS.md.
process.stdout.write(
  `| ${new Date().toISOString().slice(0, 10)} | ${machine} | \`pnpm soak power-cut --cuts ${cuts} --seed ${seed}\` ` +
    `| ${figures.publishes} publishes and ${figures.installs} installs acknowledged over ${figures.cuts} cuts ` +
    `| ${figures.losses.length} lost |\n`,
);
process.exitCode = figures.losses.length === 0 ? 0 : 1;
