import { reportCapabilities } from "@ggen/testkit";

/** Runs after the last test: says what could not be tested on this machine, and fails when that was expected. */
export function teardown(): void {
  const { missing, table } = reportCapabilities();
  process.stdout.write(`\n${table}\n`);
  if (missing.length > 0) {
    throw new Error(`expected on this machine, and missing: ${missing.map(({ name }) => name).join(", ")}`);
  }
}
