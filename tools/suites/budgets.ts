/**
 * Seconds that a suite may take on two cores. Over it the table says so: a slow suite is one that people stop running.
 */
const budgetSeconds: Readonly<Record<string, number>> = {
  "packages/behaviour": 70,
  "packages/catalog": 45,
  "packages/cache": 30,
  "packages/registry": 70,
  "packages/testkit": 30,
  "apps/cli": 60,
  "apps/server": 45,
  tools: 90,
  e2e: 480,
};

/** The budget of the suite in this folder of the workspace. */
export function budgetOf(folder: string): number {
  return budgetSeconds[folder] ?? 20;
}
