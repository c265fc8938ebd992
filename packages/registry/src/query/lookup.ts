import { GgenError, type Package, packageKey } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { chooseOwner } from "../resolve/choose-owner.ts";
import { selectVersion } from "../resolve/select-version.ts";
import { acceptAnswer } from "./accept-answer.ts";

type Needs = Pick<Parts, "catalog" | "config" | "domains" | "network" | "everSynced" | "synced" | "clock" | "logger">;

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
 * query, the rest are cancelled; a failure is followed by the next provider.
 * @returns whether any peer gave a valid record of the id
 * @throws GgenError `registry.not-running`, `dht.lookup-timeout`
 */
export async function askProviders(parts: Needs, id: string, fanOut: number, signal?: AbortSignal): Promise<boolean> {
  const network = parts.network();
  if (network === undefined)
    throw new GgenError("registry.not-running", `Cannot look for ${id}: the node is not running`);
  if (!Number.isInteger(fanOut) || fanOut < 1 || fanOut > 32) {
    throw new GgenError("usage.invalid", "The fan-out is out of range", { expected: "1 to 32", got: String(fanOut) });
  }
  const timeout = AbortSignal.timeout(parts.config.dht.queryTimeout * 1000);
  const answered = new AbortController();
  const bounded = AbortSignal.any([timeout, answered.signal, ...(signal === undefined ? [] : [signal])]);
  let found = false;
  const providers = network.findProviders(packageKey(id), { signal: bounded })[Symbol.asyncIterator]();
  const next = serialize(() => providers.next());
  const ask = async (): Promise<void> => {
    while (!found) {
      let peerId: string;
      try {
        const step = await next();
        if (step.done === true) return;
        ({ peerId } = step.value);
      } catch (error) {
        if (!bounded.aborted) parts.logger.log("debug", "a DHT query ended early", { id, error: String(error) });
        return;
      }
      try {
        const envelopes = await network.operationsOf(peerId, { package: id }, { signal: bounded });
        await acceptAnswer({ ...parts, network }, peerId, envelopes, bounded);
        if (envelopes.length > 0 && parts.catalog.entry(id) !== undefined) {
          found = true;
          answered.abort();
        }
      } catch (error) {
        parts.logger.log("debug", "a provider did not answer", { id, peer: peerId, error: String(error) });
      }
    }
  };
  await Promise.all(Array.from({ length: fanOut }, ask));
  signal?.throwIfAborted();
  if (!found && timeout.aborted) {
    throw new GgenError("dht.lookup-timeout", `The lookup of ${id} did not finish`, {
      expected: `an answer within ${parts.config.dht.queryTimeout} s`,
    });
  }
  return found;
}

/** One call at a time: an async generator must not be asked again before it answered. */
function serialize<T>(call: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const result = last.then(call, call);
    last = result;
    return result;
  };
}
