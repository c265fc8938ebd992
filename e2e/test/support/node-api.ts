import { ggen, type RunOptions } from "@ggen/testkit";

/** A peer as `peer-list --json` has it. */
export interface Peer {
  readonly peerId: string;
  readonly addresses: readonly string[];
  readonly connected: boolean;
  readonly direction?: string;
  readonly discoveredBy: string;
  readonly encryption?: string;
  readonly multiplexer?: string;
  readonly protocols: readonly string[];
  readonly synced: boolean;
}

/** A node's status, as far as these tests read it. */
export interface Status {
  readonly peerId: string;
  readonly listenAddresses: readonly string[];
  readonly packages: number;
  readonly connectedPeers: number;
  readonly catalogFingerprint: string;
  readonly sync: { readonly state: string; readonly pendingAnnouncements: number };
}

/** What `install --json` says. */
export interface Installed {
  readonly packages: readonly {
    readonly id: string;
    readonly version: string;
    readonly path: string;
    readonly source: string;
    readonly peers: readonly { readonly peerId: string; readonly bytes: number }[];
  }[];
}

/** What `publish --json` says. */
export interface Published {
  readonly id: string;
  readonly version: string;
  readonly publisher: string;
  readonly cid: string;
  readonly size: number;
  readonly checksum: string;
  readonly announced: boolean;
  readonly recipients: number;
  readonly provided: boolean;
}

/**
 * Runs a command with `--json`.
 * @throws Error with all output when its exit status is not 0
 */
export async function answer<Answer>(
  home: string,
  args: readonly string[],
  options: RunOptions & { readonly timeoutMs?: number } = {},
): Promise<Answer> {
  const result = await ggen(home, [...args, "--json"], options);
  if (result.code !== 0) {
    throw new Error(`ggen ${args.join(" ")}: exit status ${result.code}\n${result.stdout}${result.stderr}`);
  }
  return result.json() as Answer;
}

/** The peers of the node of a home. */
export async function peersOf(home: string): Promise<readonly Peer[]> {
  return (await answer<{ peers: readonly Peer[] }>(home, ["marketplace", "p2p", "peer-list"])).peers;
}

/** The peers that the node of a home is connected to. */
export async function connectedTo(home: string): Promise<readonly string[]> {
  return (await peersOf(home)).filter(({ connected }) => connected).map(({ peerId }) => peerId);
}

/** The status of the node of a home. */
export function statusOf(home: string): Promise<Status> {
  return answer<Status>(home, ["marketplace", "p2p", "status"]);
}
