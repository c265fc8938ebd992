import type { DomainResult, NewRotationKey, PublisherChange, RevokeResult, SigningKeyChange } from "@ggen/p2p-types";

import type { NodeSession } from "../node/session.ts";
import { formatCount } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields } from "./table.ts";

type Answered<T> = T & { readonly mode: NodeSession["mode"] };

function announcedTo({ announced, recipients, mode }: Answered<PublisherChange>): string {
  if (announced) return `to ${formatCount(recipients, "peer")}`;
  return mode === "daemon"
    ? "queued: it will be announced when the node has peers"
    : "queued: it will be announced when the node starts (ggen marketplace p2p start --daemon)";
}

function renderChange(
  change: Answered<PublisherChange>,
  head: string,
  fields: readonly (readonly [string, string | readonly string[] | undefined])[] = [],
): string {
  return `${head}\n${renderFields([
    ["publisher", change.publisher],
    ...fields,
    ["operation", change.operation],
    ["overrides", change.overridden.length === 0 ? undefined : [...change.overridden]],
    ["announced", announcedTo(change)],
  ])}`;
}

/** A key that may sign from now on. */
export function renderGranted(change: Answered<SigningKeyChange>, style: Style): string {
  return renderChange(change, `${style.bold(change.key)} may sign.`, [["label", change.label]]);
}

/** A key that was ended. */
export function renderRevoked(change: Answered<RevokeResult>, style: Style): string {
  return renderChange(change, `${style.bold(change.key)} is revoked.`, [
    ["valid up to", change.head === null ? "nothing" : `number ${change.seq}, ${change.head}`],
    ["no longer valid", change.dropped.length === 0 ? "no release" : [...change.dropped]],
  ]);
}

/** Rotation keys that were replaced. */
export function renderRotated(change: Answered<PublisherChange>): string {
  return renderChange(change, "The rotation keys are replaced; the former recovery words are worthless.");
}

/** A domain that was claimed or given up. */
export function renderDomain(change: Answered<DomainResult>, style: Style): string {
  const head = `${style.bold(change.domain)} is ${change.claimed ? "claimed" : "given up"}.`;
  const { name, value } = change.record;
  const text = renderChange(change, head);
  return change.claimed ? `${text}\nOthers believe it when the DNS says so too:\n  ${name}. TXT "${value}"\n` : text;
}

/** New rotation keys with their words, shown once. */
export function renderNewKeys(keys: readonly NewRotationKey[], threshold: number, style: Style): string {
  const title = style.yellow("Write these recovery words down now; they are kept nowhere:");
  const rows = keys.map(({ rank, recoveryWords }) => `\nrotation key ${rank} of ${keys.length}\n  ${recoveryWords}\n`);
  const who =
    threshold === 1
      ? "Whoever has one of them controls the publisher"
      : `Whoever has ${threshold} of them controls the publisher`;
  return `${title}\n${rows.join("")}\n${who}; without them a lost key cannot be replaced.\n`;
}
