import type { NodeStatus } from "@ggen/p2p-types";

import { formatBytes, formatCount, formatSeconds, formatShare } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields } from "./table.ts";

/** How a running node is. */
export function renderStatus(status: NodeStatus, style: Style): string {
  const { cache, sync } = status;
  const pending = sync.pendingAnnouncements;
  const fields = renderFields([
    ["status", style.green("running")],
    ["version", status.version],
    ["process", String(status.pid)],
    ["home", status.home],
    ["uptime", formatSeconds(status.uptimeSeconds)],
    ["peer_id", status.peerId],
    ["listen_addresses", status.listenAddresses],
    ["reachability", status.reachability],
    ["peers", `${status.connectedPeers} connected, ${status.knownPeers} known`],
    ["dht", `${status.dhtMode}, ${status.dhtEntries} entries`],
    ["packages", String(status.packages)],
    [
      "catalogue",
      `${status.operations} operations, ${status.catalogFingerprint.slice(0, 16)}${renderLight(status)}${renderEvictions(status)}`,
    ],
    ["cache", `${formatBytes(cache.bytes)} of ${formatBytes(cache.maxBytes)}, hit rate ${formatShare(cache.hitRate)}`],
    ["mirror", renderMirror(status.mirror)],
    ["replicas", status.replicas?.map(renderReplica)],
    [
      "sync",
      `${sync.state}${renderFetching(sync)}${renderComparisons(status)}${pending === 0 ? "" : `, ${pending} announcements queued`}`,
    ],
    ["gateway", status.gateway],
    ["log file", status.logFile],
  ]);
  const warnings = status.warnings.map((warning) => `${style.yellow("warning:")} ${warning}\n`);
  return fields + warnings.join("");
}

function renderEvictions({ evictions, light }: NodeStatus): string {
  // What a light node had room for was never everything.
  if (evictions === undefined || light !== undefined) return "";
  const gone = formatCount(evictions.publishers, "unknown publisher");
  return `, full: ${gone} made room, the last ${formatSeconds(evictions.secondsSinceLast)} ago; it may differ from others'`;
}

function renderMirror(mirror: NodeStatus["mirror"]): string | undefined {
  if (mirror === undefined || (mirror.mode === "none" && mirror.contents === 0)) return undefined;
  const waiting = mirror.waiting === 0 ? "" : `, ${mirror.waiting} to come`;
  const kept = formatCount(mirror.contents, "package");
  return `${mirror.mode}: ${kept}, ${formatBytes(mirror.bytes)} of ${formatBytes(mirror.maxBytes)}${waiting}`;
}

function renderReplica({ id, version, wanted, heldBy }: NonNullable<NodeStatus["replicas"]>[number]): string {
  const holders = heldBy.length === 0 ? "" : `: ${heldBy.join(", ")}`;
  return `${id}@${version} ${heldBy.length} of ${wanted}${holders}`;
}

function renderFetching({ fetching }: NodeStatus["sync"]): string {
  return fetching === undefined ? "" : ` ${fetching.received} of ${fetching.expected} records`;
}

function renderComparisons({ light, sync: { comparedPeers, secondsSinceCompared } }: NodeStatus): string {
  if (secondsSinceCompared === undefined) return "";
  const last = `the last ${formatSeconds(secondsSinceCompared)} ago`;
  return light === undefined
    ? `, compared with ${formatCount(comparedPeers, "peer")}, ${last}`
    : `, answered by ${formatCount(comparedPeers, "full node")}, ${last}`;
}

function renderLight({ light }: NodeStatus): string {
  if (light === undefined) return "";
  const followed = formatCount(light.followed, "publisher");
  return `, light: follows ${followed}, ${formatCount(light.fullPeers, "full node")} to ask`;
}
