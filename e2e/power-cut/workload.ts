import { createHash } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";

import type { NodeApi } from "@ggen/p2p-types";

import { manifest, writePackage } from "../test/support/packages.ts";
import { seededBytes } from "../test/support/random-files.ts";

/** A release that the workload tried to publish. */
export interface Attempt {
  readonly id: string;
  readonly version: string;
  /** Each file as `treeFiles` describes it, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** What the node answered; absent when it did not. */
  checksum?: string;
}

/** Everything that was asked of the node, and what it acknowledged; kept where no power is cut. */
export interface Ledger {
  /** By `id@version`. */
  readonly releases: Map<string, Attempt>;
  /** Versions that were to be installed, by id, in the order they were asked for, and how many were acknowledged. */
  readonly installs: Map<string, { readonly asked: string[]; acknowledged: number }>;
  publishes: number;
  installed: number;
}

/** An empty ledger. */
export function createLedger(): Ledger {
  return { releases: new Map(), installs: new Map(), publishes: 0, installed: 0 };
}

/** Where installs go. */
export interface InstallPlace {
  readonly target: string;
  readonly lockfile: string;
}

const ids = Array.from({ length: 6 }, (_, at) => `io.example.cut-${at}`);
const sha256 = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;
/** Over one chunk, so that a release has a tree. */
const largeBytes = 1_300_000;

function nextAttempt(ledger: Ledger, folder: string): Attempt {
  const number = ledger.releases.size;
  const id = ids[number % ids.length] ?? "";
  const version = `1.0.${number}`;
  const data = seededBytes(`${id}@${version}`, number % 4 === 3 ? largeBytes : 3000).toString("base64");
  const files = { "docs/notes.txt": `notes of ${number}\n`, "data.txt": data };
  writePackage(folder, id, { version, files });
  const all = { ...files, "gpack.toml": manifest(id, version) };
  const attempt: Attempt = {
    id,
    version,
    files: Object.fromEntries(Object.entries(all).map(([path, text]) => [path, sha256(text)])),
  };
  ledger.releases.set(`${id}@${version}`, attempt);
  return attempt;
}

/** Where a workload works, and who is told. */
export interface Workplace {
  readonly ledger: Ledger;
  readonly place: InstallPlace;
  /** A folder that outlives the power. */
  readonly scratch: string;
  /** Called with each answer. @returns whether it counts: with the power goes whoever would have heard a later one */
  readonly onAnswer: () => boolean;
}

/**
 * Publishes and installs, several at once, until the node fails or an answer does not count.
 * @returns the errors that ended it
 */
export async function work(node: NodeApi, { ledger, place, scratch, onAnswer }: Workplace): Promise<unknown[]> {
  let ended = false;
  const untilFailure = async (step: () => Promise<void>): Promise<unknown> => {
    try {
      while (!ended) await step();
      return undefined;
    } catch (error) {
      return error;
    } finally {
      ended = true;
    }
  };
  const publish = async (): Promise<void> => {
    const path = join(scratch, `package-${ledger.releases.size}`);
    const attempt = nextAttempt(ledger, path);
    const { checksum } = await node.publish({ path });
    if (!onAnswer()) throw new Error("The power is out");
    attempt.checksum = checksum;
    rmSync(path, { recursive: true, force: true });
    ledger.publishes += 1;
  };
  const install = async (): Promise<void> => {
    const known = [...ledger.releases.values()].filter(({ checksum }) => checksum !== undefined);
    const release = known.at(-1);
    const history =
      release === undefined ? undefined : (ledger.installs.get(release.id) ?? { asked: [], acknowledged: 0 });
    if (release === undefined || history === undefined || history.asked.at(-1) === release.version) {
      await new Promise((resolve) => setImmediate(resolve));
      return;
    }
    ledger.installs.set(release.id, history);
    history.asked.push(release.version);
    await node.install({ ref: `${release.id}@${release.version}`, ...place });
    if (!onAnswer()) throw new Error("The power is out");
    history.acknowledged = history.asked.length;
    ledger.installed += 1;
  };
  const errors = await Promise.all([untilFailure(publish), untilFailure(publish), untilFailure(install)]);
  return errors.filter((error) => error !== undefined);
}
