import { GgenError, type OperationId, type PublicKey, type Signer, toHex } from "@ggen/p2p-types";

import type { AuthorityChain, AuthorityStep } from "./authority-chain.ts";

const minPrefixLength = 8;

/** Where the next authority operation goes. */
export interface Placement {
  readonly parent: AuthorityStep;
  /** Those of the given signers whose signatures count there. */
  readonly signers: readonly Signer[];
  /** Operations that lose their effect, because lower-ranked keys signed them. */
  readonly overridden: readonly OperationId[];
}

/**
 * Finds the newest place of a chain where some rotation keys may sign: its head, or, when lower-ranked keys have taken the
 * publisher from them, the last operation before that.
 * @param signers - rotation keys; one that comes twice counts once
 * @param over - the operation, or the beginning of its id, in whose place it goes
 * @throws GgenError `publisher.unauthorised`, `publisher.frozen`, `usage.invalid`
 */
export function placeChange(chain: AuthorityChain, signers: readonly Signer[], over?: string): Placement {
  const distinct = new Map(signers.map((signer) => [toHex(signer.publicKey), signer]));
  const wanted = over === undefined ? undefined : placeBefore(chain, over);
  for (let place = wanted ?? chain.steps.length - 1; place >= (wanted ?? 0); place--) {
    const parent = chain.steps[place];
    if (parent === undefined) continue;
    const ours = parent.rotationKeys.filter((key) => distinct.has(key));
    if (ours.length < parent.threshold) continue;
    const next = chain.steps[place + 1];
    const rivals = next === undefined ? chain.frozen : [next];
    const rank = rankOf(ours, parent);
    // An equal rank would freeze the publisher, a lower one would be without effect.
    if (rivals.some((rival) => rankOf(rival.signers, parent) <= rank)) {
      if (next === undefined) throw frozen(chain);
      continue;
    }
    const overridden = next === undefined ? rivals : chain.steps.slice(place + 1);
    return {
      parent,
      signers: ours.map((key) => distinct.get(key)).filter((signer) => signer !== undefined),
      overridden: overridden.map(({ id }) => id),
    };
  }
  const head = chain.steps.at(-1);
  const held = head?.rotationKeys.filter((key) => distinct.has(key)).length ?? 0;
  throw new GgenError("publisher.unauthorised", `These recovery words may not change ${chain.publisher}`, {
    expected: `${head?.threshold ?? 0} of its ${head?.rotationKeys.length ?? 0} rotation keys`,
    got: `${held} of them`,
    data: { publisher: chain.publisher, rotationKeys: head?.rotationKeys ?? [], threshold: head?.threshold ?? 0 },
  });
}

/** The rank of the best of some signers, 0 being the highest. */
export function rankOf(signers: readonly PublicKey[], parent: Pick<AuthorityStep, "rotationKeys">): number {
  return Math.min(...signers.map((key) => parent.rotationKeys.indexOf(key)).filter((rank) => rank >= 0));
}

function placeBefore({ publisher, steps }: AuthorityChain, over: string): number {
  const found = steps.findIndex(({ id }) => over.length >= minPrefixLength && id.startsWith(over.toLowerCase()));
  if (found > 0) return found - 1;
  throw new GgenError("usage.invalid", `${publisher} has no change "${over.slice(0, 80)}" to go over`, {
    expected: `an operation after its genesis, or the first ${minPrefixLength} or more digits of its id`,
    got:
      steps
        .slice(1)
        .map(({ id, operation }) => `${id.slice(0, 16)} (${operation.type})`)
        .join(", ") || "no change",
    hint: `List them: ggen publisher show ${publisher}`,
  });
}

function frozen({ publisher, frozen: heads }: AuthorityChain): GgenError {
  return new GgenError("publisher.frozen", `${publisher} is frozen`, {
    expected: "a rotation key that ranks above those that signed the different changes",
    data: { publisher, heads: heads.map(({ id }) => id) },
  });
}
