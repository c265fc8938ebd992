import {
  fromHex,
  GgenError,
  isAcceptablePublicKey,
  type PublicKey,
  type PublisherChangeParams,
  type PublisherId,
  type SigningKeyChange,
} from "@ggen/p2p-types";

import { checkNickname } from "../keys/nickname.ts";
import type { Parts } from "../parts.ts";
import type { Announcer } from "../publish/announcer.ts";
import { readAuthorityChain } from "./authority-chain.ts";
import { placeChange } from "./place-change.ts";
import { type PreparedChange, prepareChange, publisherMeant, signChange, signersOf } from "./sign-change.ts";

const maxLabelLength = 64;

/**
 * Allows a signing key: the given one, or a new one that is kept in this home.
 * @throws GgenError `publisher.unauthorised`, `publisher.frozen`, `publisher.not-found`, `usage.invalid`, `storage.*`
 */
export async function grantKey(
  parts: Parts,
  announcer: Announcer,
  params: PublisherChangeParams & { readonly key?: string; readonly label?: string },
): Promise<SigningKeyChange> {
  const label = checkLabel(params.label);
  const prepared = await prepareChange(parts, params);
  if (params.key === undefined) return grantNewKey(parts, announcer, prepared, label ?? "further key");
  const key = checkGrantable(parts, prepared.publisher, params.key);
  const signed = await signChange(parts, announcer, prepared, { type: "grant", key, label: label ?? "granted key" });
  return { ...signed, key, label: label ?? "granted key" };
}

async function grantNewKey(
  parts: Parts,
  announcer: Announcer,
  prepared: PreparedChange,
  label: string,
): Promise<SigningKeyChange> {
  // On disk before any record names it: a crash in between leaves an unused key, never an unusable grant.
  const { key } = await parts.keystore.add(prepared.publisher, parts.random.bytes(32));
  return { ...(await signChange(parts, announcer, prepared, { type: "grant", key, label })), key, label };
}

function checkLabel(label: string | undefined): string | undefined {
  if (label === undefined || (label.length <= maxLabelLength && label.isWellFormed())) return label;
  throw new GgenError("usage.invalid", "The label of a key is too long", {
    expected: `at most ${maxLabelLength} characters`,
    got: `${label.length} characters`,
  });
}

function checkGrantable(parts: Pick<Parts, "catalog">, publisher: PublisherId, text: string): PublicKey {
  const key = checkPublicKey(text);
  const state = parts.catalog.publisherState(publisher);
  const known = state?.signingKeys.get(key);
  if (known?.revoked !== undefined) {
    throw new GgenError("usage.invalid", `${key} was revoked, which is for good`, {
      expected: "a key that was never revoked",
      hint: "Make a new one on that machine: ggen publisher grant --new --request",
    });
  }
  if (known !== undefined) throw new GgenError("usage.invalid", `${key} may sign already`, { got: known.label });
  if (state?.rotationKeys.includes(key) === true) {
    throw new GgenError("usage.invalid", `${key} is a rotation key`, { expected: "a signing key of its own" });
  }
  return key;
}

/** A public key as text. @throws GgenError `usage.invalid` */
export function checkPublicKey(text: string): PublicKey {
  const key = text.trim().toLowerCase();
  if (/^[0-9a-f]{64}$/.test(key) && isAcceptablePublicKey(fromHex(key))) return key;
  throw new GgenError("usage.invalid", `"${text.slice(0, 80)}" is not a public key`, {
    expected: "64 hexadecimal digits of an Ed25519 public key, as ggen publisher show prints them",
  });
}

/**
 * Makes a signing key in this home that is yet to be granted where the recovery words are.
 * @throws GgenError `publisher.not-found`, `storage.*`
 */
export async function requestKey(
  parts: Pick<Parts, "catalog" | "keystore" | "random">,
  named: string,
): Promise<{ readonly publisher: PublisherId; readonly key: PublicKey }> {
  const publisher = await publisherMeant(parts, named);
  const { key } = await parts.keystore.add(publisher, parts.random.bytes(32));
  return { publisher, key };
}

/**
 * Finds the publisher whose rotation keys some words stand for, and grants a new signing key in this home.
 * @throws GgenError `publisher.not-found`, `publisher.unauthorised`, `publisher.frozen`, `usage.invalid`, `storage.*`
 */
export async function recoverPublisher(
  parts: Parts,
  announcer: Announcer,
  params: PublisherChangeParams & { readonly label?: string; readonly nickname?: string },
): Promise<SigningKeyChange> {
  const label = checkLabel(params.label) ?? "recovered key";
  if (params.nickname !== undefined) checkNickname(params.nickname);
  const signers = signersOf(params.recoveryWords);
  const keys = new Set(signers.map(({ publicKey }) => Buffer.from(publicKey).toString("hex")));
  const publisher =
    params.publisher === undefined ? findByRotationKey(parts, keys) : parts.catalog.resolvePublisher(params.publisher);
  const placement = placeChange(readAuthorityChain(parts.catalog, publisher), signers, params.over);
  const granted = await grantNewKey(parts, announcer, { publisher, placement }, label);
  const { nickname } = params;
  parts.catalog.setTrust(publisher, { trusted: true, ...(nickname === undefined ? {} : { nickname }) });
  return granted;
}

function findByRotationKey(
  parts: Pick<Parts, "catalog" | "synced" | "network">,
  keys: ReadonlySet<PublicKey>,
): PublisherId {
  const found = parts.catalog
    .publishers()
    .map(({ publisher }) => publisher)
    .filter((publisher) => parts.catalog.publisherState(publisher)?.known === true)
    .filter((publisher) =>
      // Also keys that were replaced: whoever took the publisher from them must not be able to hide it.
      readAuthorityChain(parts.catalog, publisher).steps.some(({ rotationKeys }) =>
        rotationKeys.some((key) => keys.has(key)),
      ),
    );
  const [publisher] = found;
  if (publisher === undefined) {
    throw new GgenError("publisher.not-found", "No publisher in this catalogue has these recovery words", {
      expected: "a catalogue that holds the publisher's records",
      got: `${parts.catalog.counts().publishers} publishers${parts.synced() ? "" : ", not yet compared with any peer"}`,
      hint: "Start the node and connect it to peers that know the publisher, then run this again: ggen marketplace p2p start --daemon --bootstrap MULTIADDR",
    });
  }
  if (found.length > 1) {
    throw new GgenError("usage.invalid", `These recovery words are rotation keys of ${found.length} publishers`, {
      expected: "the one that is meant",
      got: found.join(", "),
      hint: "Name it with --publisher.",
    });
  }
  return publisher;
}
