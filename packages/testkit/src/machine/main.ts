import { reportCapabilities } from "./report.ts";

const { missing, table } = reportCapabilities();
process.stdout.write(`${table}\n`);
if (missing.length > 0) {
  process.stderr.write(`Expected here, and missing: ${missing.map(({ name }) => name).join(", ")}\n`);
  process.exitCode = 1;
}
