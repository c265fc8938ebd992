import type { NodeStatus } from "@ggen/p2p-types";

import { renderFields } from "../render/table.ts";

/** What a node says when it listens: the first line of `start --json`. */
export interface Listening {
  readonly event: "listening";
  readonly pid: number;
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly gateway?: string;
  readonly logFile?: string;
  readonly home: string;
}

/** The announcement of a node that has started. */
export function toListening(status: NodeStatus): Listening {
  return {
    event: "listening",
    pid: status.pid,
    peerId: status.peerId,
    addresses: status.listenAddresses,
    ...(status.gateway === undefined ? {} : { gateway: status.gateway }),
    ...(status.logFile === undefined ? {} : { logFile: status.logFile }),
    home: status.home,
  };
}

/** {@link Listening} for people. */
export function renderListening(listening: Listening): string {
  return renderFields([
    ["peer id", listening.peerId],
    ["listening", listening.addresses],
    ["gateway", listening.gateway],
    ["log file", listening.logFile],
    ["process", String(listening.pid)],
  ]);
}
