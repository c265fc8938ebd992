import { rmSync } from "node:fs";
import { join } from "node:path";

import type { NodeApi, Progress } from "@ggen/p2p-types";

import { historyOf, type Ledger } from "./ledger.ts";
import { type Attempt, nameOf, writeRelease } from "./releases.ts";

/** Where installs go. */
export interface InstallPlace {
  readonly target: string;
  readonly lockfile: string;
}

const idCount = 6;
/** Over one chunk, so that a release has a tree. */
const largeBytes = 1_300_000;

function nextAttempt(ledger: Ledger, folder: string): Attempt {
  const number = ledger.releases.size;
  const release = { id: `io.example.cut-${ledger.disk}-${number % idCount}`, version: `1.0.${number}` };
  const attempt = writeRelease(folder, release, number % 4 === 3 ? largeBytes : 3000);
  ledger.releases.set(nameOf(attempt), attempt);
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
  /** Called with each piece that is fetched. */
  readonly onPiece: () => void;
}

/** The release of the provider that is to be installed next; undefined when all are. */
export function nextOffered({ offered, fetchedReleases }: Ledger): Attempt | undefined {
  return offered[fetchedReleases];
}

/**
 * Installs a release of the provider, whose content is there only.
 * @throws GgenError whatever the node answered; Error when the answer does not count
 */
export async function fetchOffered(
  node: NodeApi,
  release: Attempt,
  { ledger, place, onAnswer, onPiece }: Omit<Workplace, "scratch">,
): Promise<void> {
  const history = historyOf(ledger, release.id);
  history.asked.push(release.version);
  ledger.fetching = "asked";
  const onProgress = ({ step }: Progress): void => {
    ledger.fetching = step;
    if (step === "fetch") onPiece();
  };
  await node.install({ ref: `${ledger.publisher}/${nameOf(release)}`, ...place }, { onProgress });
  if (!onAnswer()) throw new Error("The power is out");
  ledger.fetching = undefined;
  history.acknowledged = history.asked.length;
  ledger.fetchedReleases += 1;
  ledger.done.fetches += 1;
}

/**
 * Publishes, installs what it published and installs what it has to fetch, several at once, until the node fails or an
 * answer does not count.
 * @returns the errors that ended it
 */
export async function work(node: NodeApi, workplace: Workplace): Promise<unknown[]> {
  const { ledger, place, scratch, onAnswer } = workplace;
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
    ledger.done.publishes += 1;
  };
  const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const install = async (): Promise<void> => {
    const known = [...ledger.releases.values()].filter(({ checksum }) => checksum !== undefined);
    const release = known.at(-1);
    const history = release && historyOf(ledger, release.id);
    if (release === undefined || history === undefined || history.asked.at(-1) === release.version) {
      await pause();
      return;
    }
    history.asked.push(release.version);
    await node.install({ ref: nameOf(release), ...place });
    if (!onAnswer()) throw new Error("The power is out");
    history.acknowledged = history.asked.length;
    ledger.done.installs += 1;
  };
  const fetch = async (): Promise<void> => {
    const release = nextOffered(ledger);
    if (release !== undefined) return fetchOffered(node, release, workplace);
    // Nobody waits for what does not come.
    workplace.onPiece();
    await pause();
  };
  const errors = await Promise.all([publish, publish, install, fetch].map((step) => untilFailure(step)));
  return errors.filter((error) => error !== undefined);
}
