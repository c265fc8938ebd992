import {
  type AuthorityOperation,
  GgenError,
  type OperationId,
  type PublisherChange,
  type PublisherChangeParams,
  type PublisherId,
  sealOperation,
  type Signer,
} from "@ggen/p2p-types";

import { rotationSigner } from "../keys/recovery-words.ts";
import type { Parts } from "../parts.ts";
import type { Announcer } from "../publish/announcer.ts";
import { appendOwn } from "../publish/publisher-identity.ts";
import { readAuthorityChain } from "./authority-chain.ts";
import { type Placement, placeChange } from "./place-change.ts";

/** A change that its keys may make, before anything is signed. */
export interface PreparedChange {
  readonly publisher: PublisherId;
  readonly placement: Placement;
}

/** What an operation says beside its place in the chain. */
export type ChangeBody = AuthorityOperation extends infer O
  ? O extends { readonly type: "genesis" }
    ? never
    : Omit<O, "v" | "time" | "publisher" | "prev">
  : never;

/** The rotation keys of some words. @throws GgenError `identity.invalid`, `usage.invalid` */
export function signersOf(recoveryWords: readonly string[]): readonly Signer[] {
  if (recoveryWords.length > 0) return recoveryWords.map((words) => rotationSigner(words));
  throw new GgenError("usage.invalid", "A publisher is changed with its recovery words only", {
    expected: "the 24 words of a rotation key",
    got: "none",
  });
}

/**
 * The publisher that a call means: the one that is named, or the only one that this home signs for.
 * @throws GgenError `publisher.not-found`, `usage.invalid`
 */
export async function publisherMeant(
  parts: Pick<Parts, "catalog" | "keystore">,
  named: string | undefined,
): Promise<PublisherId> {
  if (named !== undefined) return parts.catalog.resolvePublisher(named);
  const own = [...new Set((await parts.keystore.list()).map(({ publisher }) => publisher))];
  const [publisher] = own;
  if (publisher === undefined) {
    throw new GgenError("publisher.not-found", "This home signs for no publisher", {
      hint: "Name it with --publisher; on a new machine: ggen publisher recover",
    });
  }
  if (own.length > 1) {
    throw new GgenError("usage.invalid", `This home signs for ${own.length} publishers`, {
      expected: "the one that is meant",
      got: own.join(", "),
      hint: "Name it with --publisher.",
    });
  }
  return publisher;
}

/** Whether and where some words may change a publisher. @throws GgenError `publisher.*`, `identity.invalid` */
export async function prepareChange(
  parts: Pick<Parts, "catalog" | "keystore">,
  params: PublisherChangeParams,
): Promise<PreparedChange> {
  const signers = signersOf(params.recoveryWords);
  const publisher = await publisherMeant(parts, params.publisher);
  return { publisher, placement: placeChange(readAuthorityChain(parts.catalog, publisher), signers, params.over) };
}

/**
 * Signs, stores and announces a change.
 * @throws GgenError `record.invalid`, `storage.*`
 */
export async function signChange(
  parts: Parts,
  announcer: Announcer,
  { publisher, placement }: PreparedChange,
  body: ChangeBody,
): Promise<PublisherChange> {
  const { parent, signers, overridden } = placement;
  // A clock that was set back does not make the chain go back.
  const time = Math.max(Math.floor(parts.clock.now() / 1000), parent.operation.time);
  const signed = sealOperation({ ...body, v: 1, time, publisher, prev: parent.id } as AuthorityOperation, signers);
  await appendOwn(parts, [signed]);
  const reason = parts.catalog.publisherState(publisher)?.withoutEffect.get(signed.id);
  if (reason !== undefined) {
    throw new GgenError("internal", `The change of ${publisher} has no effect: ${reason}`, {
      data: { operation: signed.id },
    });
  }
  const { announced, recipients } = await announcer.announce(signed.id, { signal: undefined, replicas: 0 });
  return {
    publisher,
    operation: signed.id,
    overridden,
    announced,
    recipients,
    warnings: warningsOf(parts, overridden),
  };
}

function warningsOf(parts: Pick<Parts, "synced">, overridden: readonly OperationId[]): string[] {
  const warnings: string[] = [];
  if (overridden.length > 0) {
    warnings.push(
      `${overridden.length} earlier changes, signed by lower-ranked rotation keys, have no effect any more: ` +
        "grant again what was right among them",
    );
  }
  if (!parts.synced()) {
    warnings.push(
      "this node has not compared its records with peers: should another machine change the publisher before they meet, " +
        "two changes by keys of equal rank freeze it",
    );
  }
  return warnings;
}
