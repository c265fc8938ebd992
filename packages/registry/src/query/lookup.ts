import { type ContentProvider, GgenError, type Package, packageKey, throwIfCancelled } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { chooseOwner } from "../resolve/choose-owner.ts";
import { selectVersion } from "../resolve/select-version.ts";
import { timeLimit } from "../time-limit.ts";
import { acceptAnswer } from "./accept-answer.ts";
import { firstAnswer } from "./first-answer.ts";

type Needs = Pick<
  Parts,
  "catalog" | "config" | "domains" | "evidence" | "network" | "everSynced" | "light" | "synced" | "clock" | "logger"
>;

/** A provider that has not answered after this long keeps no other from being asked. */
const hedgeMs = 250;
/** Most providers that are asked at once. */
const maxActive = 32;

/**
 * The newest usable version of an id in the local catalogue.
 * @throws GgenError as `chooseOwner` and `selectVersion`
 */
export async function newestPackage(parts: Needs, id: string, signal?: AbortSignal): Promise<Package> {
  const { releases } = await chooseOwner(parts, { id }, signal === undefined ? {} : { signal });
  return selectVersion(releases, { ageHours: () => undefined, cooldownHours: 0 }).release;
}

/**
 * Asks providers of an id, found through the DHT, for its records: `fanOut` at once, the first valid answer ends the
 * query, the rest are cancelled; a failure is followed by the next provider, and so is a provider that hangs.
 * @returns whether any peer gave a valid record of the id
 * @throws GgenError `registry.not-running`, `dht.lookup-timeout`
 */
export async function askProviders(parts: Needs, id: string, fanOut: number, signal?: AbortSignal): Promise<boolean> {
  const network = parts.network();
  if (network === undefined)
    throw new GgenError("registry.not-running", `Cannot look for ${id}: the node is not running`);
  if (!Number.isInteger(fanOut) || fanOut < 1 || fanOut > maxActive) {
    throw new GgenError("usage.invalid", "The fan-out is out of range", {
      expected: `1 to ${maxActive}`,
      got: String(fanOut),
    });
  }
  const limit = timeLimit(parts.clock, parts.config.dht.queryTimeout * 1000, signal);
  const bounded = limit.signal;
  const walking = new AbortController();
  const walk = AbortSignal.any([bounded, walking.signal]);
  const providers = logged(parts, id, network.findProviders(packageKey(id), { signal: walk }), walk);
  const ask = async ({ peerId }: ContentProvider, asked: AbortSignal): Promise<true | undefined> => {
    try {
      const envelopes = await network.operationsOf(peerId, { package: id }, { signal: asked });
      const releases = await acceptAnswer({ ...parts, network }, peerId, envelopes, asked);
      // What was here before proves nothing about this answer: it has to hold a release of this id that is in force.
      return releases.some((release) => release.id.toLowerCase() === id.toLowerCase()) ? true : undefined;
    } catch (error) {
      if (!asked.aborted) {
        parts.logger.log("debug", "a provider did not answer", { id, peer: peerId, error: String(error) });
      }
      return undefined;
    }
  };
  const options = { fanOut, hedgeMs, maxActive, clock: parts.clock, signal: bounded };
  const answer = await firstAnswer(providers, ask, options).finally(() => {
    walking.abort();
    limit.end();
  });
  const found = answer === true;
  throwIfCancelled(signal);
  if (!found && limit.isOver()) {
    throw new GgenError("dht.lookup-timeout", `The lookup of ${id} did not finish`, {
      expected: `an answer within ${parts.config.dht.queryTimeout} s`,
    });
  }
  return found;
}

/** Providers until their source ends, in whatever way. */
async function* logged(
  { logger }: Needs,
  id: string,
  source: AsyncIterable<ContentProvider>,
  signal: AbortSignal,
): AsyncGenerator<ContentProvider> {
  try {
    yield* source;
  } catch (error) {
    if (!signal.aborted) logger.log("debug", "a DHT query ended early", { id, error: String(error) });
  }
}
