import { type CallOptions, type Package, toGgenError, type WhyReport, type WhyStep } from "@ggen/p2p-types";

import type { Lookup } from "../install/plan.ts";
import { severalPeers } from "../light/survey.ts";
import type { Parts } from "../parts.ts";
import { contentKey } from "../peers/holders.ts";
import { chooseOwner } from "../resolve/choose-owner.ts";
import { conflictsOf, proofOf } from "../resolve/conflicts.ts";
import { cooldownOf } from "../resolve/cooldown.ts";
import { readRef } from "../resolve/read-ref.ts";
import { selectVersion } from "../resolve/select-version.ts";
import { withinTime } from "../time-limit.ts";

/** How long holders are looked for, in milliseconds. */
const lookupMs = 5000;

/**
 * Explains step by step why a package was or was not found, chosen, trusted and can be fetched. Changes nothing but what
 * a lookup brings into the catalogue.
 * @throws GgenError `ref.invalid`
 */
export async function explainPackage(
  parts: Parts,
  text: string,
  lookup: Lookup,
  { signal }: CallOptions = {},
): Promise<WhyReport> {
  const ref = readRef(text);
  const steps: WhyStep[] = [];
  const step = (question: string, answer: string, ok: boolean): void => void steps.push({ question, answer, ok });
  const end = (conclusion: string, ok: boolean): WhyReport => ({ ref: text, steps, conclusion, ok });

  const network = parts.network();
  const peers = network?.connectedPeers() ?? [];
  step(
    "Is the node connected?",
    network === undefined ? "no, it is not running: this is the local replica" : `${peers.length} peers`,
    peers.length > 0,
  );
  if (parts.light === undefined) {
    step(
      "Is the catalogue complete?",
      parts.synced()
        ? `yes, compared with peers; packages: ${parts.catalog.counts().packages}`
        : "not yet compared with any peer",
      parts.synced(),
    );
  } else {
    step("Is the catalogue complete?", "no, this node is light: it asks full nodes", parts.light.canAsk());
    if (network !== undefined) {
      await lookup(ref.id);
      const { asked, answered, lacking } = parts.light.about(ref.id);
      const differing = lacking.length === 0 ? "" : `; gave less than others: ${lacking.join(", ")}`;
      step(
        "What do full nodes say?",
        `${answered.length} of ${asked.length} answered${differing}`,
        answered.length >= severalPeers,
      );
    }
  }
  if (parts.catalog.entry(ref.id) === undefined && network !== undefined) {
    try {
      await lookup(ref.id);
      step(
        "Does the DHT know it?",
        parts.catalog.entry(ref.id) === undefined ? "no provider of this id" : "yes",
        parts.catalog.entry(ref.id) !== undefined,
      );
    } catch (error) {
      step("Does the DHT know it?", toGgenError(error).message, false);
    }
  }
  const entry = parts.catalog.entry(ref.id);
  if (entry === undefined) {
    step("Is the id in the catalogue?", "no", false);
    return end(`${ref.id} was not found.`, false);
  }
  step(
    "Who claims the id?",
    entry.claimants
      .map(
        ({ publisher, releases }) =>
          `${parts.catalog.nicknameOf(publisher) ?? publisher} (versions: ${releases.length})`,
      )
      .join(", "),
    true,
  );
  let release: Package;
  try {
    const choice = await chooseOwner(parts, ref, signal === undefined ? {} : { signal });
    step("Whose is it?", `${choice.publisher}: ${choice.because}`, true);
    const state = parts.catalog.publisherState(choice.publisher);
    step(
      "Is the publisher in order?",
      state?.frozen !== undefined
        ? "no: two equal successors of its records exist, it is frozen"
        : "yes, its records verify",
      state?.frozen === undefined,
    );
    const selected = selectVersion(choice.releases, {
      ...(ref.range === undefined ? {} : { range: ref.range }),
      ...cooldownOf(parts, choice.publisher),
      conflictOf: conflictsOf(parts, choice.publisher),
    });
    release = selected.release;
    step("Which version?", [release.version, ...selected.warnings].join("; "), true);
  } catch (error) {
    const refused = toGgenError(error);
    step("Can it be chosen?", `${refused.message}. ${refused.hint}`, false);
    const { publisher, operation } = refused.data as { readonly publisher: string; readonly operation: string };
    const conflict = refused.code === "package.conflict" ? proofOf(parts, { publisher, operation }) : undefined;
    return { ...end(`${refused.message}.`, false), ...(conflict === undefined ? {} : { conflict }) };
  }
  const stat = parts.contents.stat(release.cid);
  step(
    "Is the content here?",
    stat?.complete === true
      ? `yes, verified: ${release.checksum}`
      : `no (${stat?.present ?? 0} of ${stat?.chunks ?? "?"} chunks)`,
    true,
  );
  if (stat?.complete === true) {
    const others = parts.holders.of(release.cid);
    step("Who else holds it?", others.length === 0 ? "nobody that is known here" : others.join(", "), true);
    return end(`${release.id}@${release.version} can be installed from the local store.`, true);
  }
  if (network === undefined)
    return end(
      `${release.id}@${release.version} is known, but its content is not here and the node is not running.`,
      false,
    );
  const holders = new Set(parts.holders.of(release.cid));
  try {
    await withinTime(parts.clock, lookupMs, signal, async (bounded) => {
      for await (const { peerId } of network.findProviders(contentKey(release.cid), { signal: bounded }))
        holders.add(peerId);
    });
  } catch (error) {
    parts.logger.log("debug", "a provider lookup ended early", { error: String(error) });
  }
  holders.delete(network.peerId);
  step(
    "Who holds the content?",
    holders.size === 0 ? `nobody in the DHT; ${peers.length} connected peers would be asked` : [...holders].join(", "),
    holders.size > 0,
  );
  return holders.size + peers.length > 0
    ? end(`${release.id}@${release.version} can be fetched from ${holders.size || peers.length} peers.`, true)
    : end(`${release.id}@${release.version} is known, but no peer that holds it is reachable.`, false);
}
