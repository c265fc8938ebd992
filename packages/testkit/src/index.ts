/**
 * What tests share: which capabilities this machine has, a fleet of real ggen processes, a TCP proxy that misbehaves, and
 * a simulated network whose every run can be repeated.
 *
 * @packageDocumentation
 */
export { type ChaosProxy, startChaosProxy } from "./chaos/proxy.ts";
export type { Direction, Fault } from "./chaos/tamper.ts";
export { type PublishableFolder, publishableFolders, type RefusedFolder } from "./files/corpus.ts";
export { type PathFilter, treeDigest, treeFiles } from "./files/tree.ts";
export { cliEntry, type CliKind, ggen, type RunOptions, type RunResult, spawnGgen } from "./fleet/cli.ts";
export { createHome, homeEnvironment } from "./fleet/home.ts";
export { type NodeProcess, startNode } from "./fleet/node.ts";
export { processesOf, stopFleet } from "./fleet/processes.ts";
export {
  type Capability,
  capability,
  type CapabilityName,
  capabilityNames,
  expectedCapabilities,
  needs,
} from "./machine/capabilities.ts";
export { createDisk, type Disk } from "./machine/disk.ts";
export { createLocalNetwork } from "./machine/network.ts";
export { type CapabilityReport, reportCapabilities } from "./machine/report.ts";
export { createSimulatedNetwork, type NetworkFaults, type SimulatedNetwork } from "./simulator/network.ts";
export { createSeededRandom, type SeededRandom } from "./simulator/random.ts";
export { createSchedule, type Schedule, type SimulatedClock } from "./simulator/schedule.ts";
