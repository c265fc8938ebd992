import { execFileSync } from "node:child_process";

import { onCleanUp } from "../fleet/processes.ts";

let networks = 0;

function ip(...args: readonly string[]): void {
  execFileSync("ip", args, { timeout: 10_000, stdio: ["ignore", "ignore", "pipe"] });
}

/**
 * Makes machines on one local network: network namespaces with an address each (10.77.0.1, 10.77.0.2, …), joined by a
 * switch. Nothing outside reaches them. Removed after the test file; needs the capability `network-namespaces`.
 * @param count - how many, 1-200
 * @returns names of the namespaces, for the `namespace` of a process
 */
export function createLocalNetwork(count: number): readonly string[] {
  const prefix = `gg${process.pid}n${networks++}`;
  const hub = `${prefix}-hub`;
  const names = Array.from({ length: count }, (_, at) => `${prefix}-${at + 1}`);
  onCleanUp(() => {
    for (const name of [...names, hub]) {
      try {
        ip("netns", "del", name);
      } catch {
        continue;
      }
    }
  });
  ip("netns", "add", hub);
  ip("-n", hub, "link", "add", "switch", "type", "bridge");
  ip("-n", hub, "link", "set", "switch", "up");
  for (const [at, name] of names.entries()) {
    const port = `port${at + 1}`;
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
    ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", port, "netns", hub);
    ip("-n", hub, "link", "set", port, "master", "switch");
    ip("-n", hub, "link", "set", port, "up");
    ip("-n", name, "addr", "add", `10.77.0.${at + 1}/24`, "dev", "eth0");
    ip("-n", name, "link", "set", "eth0", "up");
    // Multicast follows the routing table, and fails without a word where there is no route for it.
    ip("-n", name, "route", "add", "224.0.0.0/4", "dev", "eth0");
  }
  return names;
}
