import { access, constants, lstat, statfs } from "node:fs/promises";
import { join } from "node:path";

import { type LoadedConfig, loadConfig, resolveHome } from "@ggen/p2p-config";
import { type NodeStatus, toGgenError } from "@ggen/p2p-types";

import { type Environment, findDaemon } from "../node/home.ts";
import { formatBytes, formatCount, formatSeconds } from "../render/quantity.ts";

/** One thing that was looked at. */
export interface Finding {
  readonly subject: string;
  readonly level: "ok" | "warning" | "error";
  readonly detail: string;
  /** What to do; absent when nothing is. */
  readonly hint?: string;
}

type Look = () => Promise<readonly Finding[]>;

/**
 * Looks at everything that can be wrong with a node of this home. Never rejects: a look that fails is a finding.
 * @param env - the environment
 * @param signal - cancels
 */
export async function examine(env: Environment, signal: AbortSignal): Promise<readonly Finding[]> {
  const home = resolveHome(env);
  const looks: readonly (readonly [string, Look])[] = [
    ["home", () => lookAtHome(home)],
    ["configuration", () => lookAtConfig(env)],
    ["identity", () => lookAtSecret(join(home, "identity.key"))],
    ["disk", () => lookAtDisk(home)],
    ["node", () => lookAtNode(env, signal)],
  ];
  const findings: Finding[] = [];
  for (const [subject, look] of looks) {
    try {
      findings.push(...(await look()));
    } catch (thrown) {
      const { message, hint, expected, got } = toGgenError(thrown);
      const facts = [expected && `expected ${expected}`, got && `got ${got}`].filter(Boolean).join(", ");
      findings.push({ subject, level: "error", detail: facts === "" ? message : `${message} (${facts})`, hint });
    }
  }
  return findings;
}

async function lookAtHome(home: string): Promise<readonly Finding[]> {
  const subject = "home";
  const stat = await lstat(home).catch(() => undefined);
  if (stat === undefined)
    return [{ subject, level: "ok", detail: `${home} does not exist yet; it is made when needed` }];
  try {
    await access(home, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [{ subject, level: "error", detail: `${home} cannot be written`, hint: "Correct its owner or mode." }];
  }
  const shared = (stat.mode & 0o077) !== 0 && process.platform !== "win32" && stat.isDirectory();
  return shared
    ? [
        {
          subject,
          level: "warning",
          detail: `others can enter ${home}`,
          hint: `Keep it to yourself: chmod 700 ${home}`,
        },
      ]
    : [{ subject, level: "ok", detail: home }];
}

async function lookAtConfig(env: Environment): Promise<readonly Finding[]> {
  const subject = "configuration";
  const loaded: LoadedConfig = await loadConfig({ env });
  const warnings = loaded.warnings.map((detail): Finding => ({ subject, level: "warning", detail }));
  return [{ subject, level: "ok", detail: loaded.file ?? "defaults and environment" }, ...warnings];
}

async function lookAtSecret(path: string): Promise<readonly Finding[]> {
  const subject = "identity";
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return [{ subject, level: "ok", detail: "made at the first start" }];
  if ((stat.mode & 0o077) === 0 || process.platform === "win32") return [{ subject, level: "ok", detail: path }];
  return [{ subject, level: "error", detail: `others can read ${path}`, hint: `Keep it secret: chmod 600 ${path}` }];
}

/** A node with peers compares every two minutes. */
const staleSeconds = 900;
const littleSpaceBytes = 500_000_000;

async function lookAtDisk(home: string): Promise<readonly Finding[]> {
  const subject = "disk";
  const { bavail, bsize } = await statfs(home).catch(() => statfs(join(home, "..")));
  const free = bavail * bsize;
  const detail = `${formatBytes(free)} free`;
  return free < littleSpaceBytes
    ? [{ subject, level: "warning", detail, hint: "Free some space: the store needs it to take new packages." }]
    : [{ subject, level: "ok", detail }];
}

async function lookAtNode(env: Environment, signal: AbortSignal): Promise<readonly Finding[]> {
  const subject = "node";
  const daemon = await findDaemon(env);
  if (daemon === undefined) {
    const hint = "Start it: ggen marketplace p2p start --daemon";
    return [{ subject, level: "warning", detail: "not running: only local data is seen", hint }];
  }
  const status = await daemon.status({ signal });
  const findings: Finding[] = [{ subject, level: "ok", detail: `running, process ${status.pid}` }];
  if (status.connectedPeers === 0) {
    findings.push({
      subject: "peers",
      level: "warning",
      detail: "connected to no peer",
      hint: "Connect to one: ggen marketplace p2p bootstrap MULTIADDR",
    });
  } else {
    findings.push({ subject: "peers", level: "ok", detail: `${formatCount(status.connectedPeers, "peer")} connected` });
  }
  const { pendingAnnouncements } = status.sync;
  findings.push(...(status.light === undefined ? lookAtSync(status) : lookAtLight(status, status.light)));
  if (pendingAnnouncements > 0) {
    const detail =
      pendingAnnouncements === 1
        ? "1 release waits to be announced"
        : `${pendingAnnouncements} releases wait to be announced`;
    findings.push({
      subject: "announcements",
      level: "warning",
      detail,
      hint: "They go out when a peer is connected.",
    });
  }
  return [...findings, ...status.warnings.map((detail): Finding => ({ subject, level: "warning", detail }))];
}

const anotherPeer = "Connect to another one: ggen marketplace p2p bootstrap MULTIADDR";

function lookAtSync(status: NodeStatus): readonly Finding[] {
  const { state, comparedPeers, secondsSinceCompared = 0 } = status.sync;
  const synced = state === "synced";
  const findings: Finding[] = [
    {
      subject: "catalogue",
      level: synced ? "ok" : "warning",
      detail: `${formatCount(status.packages, "package")}, ${synced ? "synced" : "not synced yet"}`,
    },
  ];
  // Nothing signed says that there is no more: only a second peer can tell that the first one keeps something back.
  if (synced && (comparedPeers < 2 || secondsSinceCompared > staleSeconds)) {
    const stale = secondsSinceCompared > staleSeconds ? `, the last ${formatSeconds(secondsSinceCompared)} ago` : "";
    findings.push({
      subject: "news",
      level: "warning",
      detail: `compared with ${formatCount(comparedPeers, "peer")} only${stale}: newer releases may be kept from this node`,
      hint: anotherPeer,
    });
  }
  return findings;
}

/** A light node believes what several full nodes give together: one alone can keep something back. */
function lookAtLight(
  status: NodeStatus,
  { fullPeers, followed }: NonNullable<NodeStatus["light"]>,
): readonly Finding[] {
  const findings: Finding[] = [
    {
      subject: "catalogue",
      level: fullPeers > 0 ? "ok" : "warning",
      detail: `light: ${formatCount(status.packages, "package")} kept, ${formatCount(followed, "publisher")} followed`,
    },
  ];
  if (fullPeers < 2) {
    findings.push({
      subject: "news",
      level: "warning",
      detail: `${formatCount(fullPeers, "full node")} to ask: newer releases may be kept from this node`,
      hint: anotherPeer,
    });
  }
  return findings;
}
