import { ggen, type RunOptions } from "@ggen/testkit";
import { expect, vi } from "vitest";

/** What `status --json` says, as far as these tests read it. */
export interface Status {
  readonly peerId: string;
  readonly packages: number;
  readonly catalogFingerprint: string;
  readonly connectedPeers: number;
  readonly sync: { readonly state: string; readonly comparedPeers: number };
}

/** One row of `search --json`. */
export interface SearchRow {
  readonly package: {
    readonly id: string;
    readonly version: string;
    readonly publisher: string;
    readonly cid: string;
    readonly checksum: string;
    readonly size: number;
  };
  readonly claimants: readonly string[];
}

/** What `install --json` says, as far as these tests read it. */
export interface Installed {
  readonly packages: readonly {
    readonly id: string;
    readonly version: string;
    readonly publisher: string;
    readonly cid: string;
    readonly checksum: string;
    readonly path: string;
    readonly source: "peers" | "store" | "unchanged";
    readonly peers: readonly { readonly peerId: string; readonly bytes: number }[];
  }[];
  readonly warnings: readonly string[];
}

/** The error of a failed `--json` command. */
export interface Failure {
  readonly error: {
    readonly data?: Readonly<Record<string, unknown>>;
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly expected?: string;
    readonly got?: string;
  };
}

/**
 * What a `--json` command answers.
 * @param args - the command line, without `--json`
 * @throws Error with all output when it fails
 */
export async function answerOf<Answer>(home: string, args: readonly string[], options?: RunOptions): Promise<Answer> {
  const result = await ggen(home, [...args, "--json"], options);
  if (result.code !== 0) throw new Error(`ggen ${args.join(" ")}: ${result.stdout}${result.stderr}`);
  return result.json() as Answer;
}

/**
 * The exit status and the error of a `--json` command that must fail.
 * @throws Error when it succeeds
 */
export async function refusalOf(
  home: string,
  args: readonly string[],
  options?: RunOptions,
): Promise<Failure["error"] & { readonly exit: number }> {
  const result = await ggen(home, [...args, "--json"], options);
  if (result.code === 0) throw new Error(`ggen ${args.join(" ")} succeeded: ${result.stdout}`);
  return { ...(result.json() as Failure).error, exit: result.code };
}

/** The status of a home's running node. */
export function statusOf(home: string): Promise<Status> {
  return answerOf(home, ["marketplace", "p2p", "status"]);
}

/** Every package that a node's catalogue holds, by paging through an empty search. */
export async function wholeCatalogue(home: string): Promise<readonly SearchRow[]> {
  const rows: SearchRow[] = [];
  for (;;) {
    const page = ["--limit", "100", "--offset", String(rows.length)];
    const { results, total } = await answerOf<{ results: SearchRow[]; total: number }>(home, [
      "marketplace",
      "search",
      "",
      ...page,
    ]);
    rows.push(...results);
    if (rows.length >= total || results.length === 0) return rows;
  }
}

/** Waits until a node has compared its catalogue and it has this fingerprint. */
export async function untilCatalogueIs(home: string, fingerprint: string): Promise<void> {
  // Not expect.poll, which works in tests only: this also waits in hooks.
  await vi.waitFor(
    async () => {
      const { catalogFingerprint, sync } = await statusOf(home);
      expect({ catalogFingerprint, state: sync.state }).toEqual({ catalogFingerprint: fingerprint, state: "synced" });
    },
    { timeout: 45_000, interval: 100 },
  );
}
