import type { MarketplaceBehaviour, SearchLocal } from "@ggen/p2p-behaviour";
import {
  createSigner,
  foundPublisher,
  type OperationId,
  type PublisherId,
  sealOperation,
  type SignedOperation,
  systemRandom,
  toHex,
} from "@ggen/p2p-types";
import { bareManifest } from "../bare-manifest.ts";
import { startHostileNode } from "../hostile-node.ts";

/** What a peer says that passes for a full node: envelopes, as they are asked for. */
export interface Lies {
  readonly ofPackage: (id: string) => readonly Uint8Array[];
  readonly ofPublisher?: (publisher: PublisherId) => readonly Uint8Array[];
  readonly search?: SearchLocal;
}

/** Starts a node of the real network code that has a catalogue of lies, and claims to be full. */
export async function startLiar({ ofPackage, ofPublisher = () => [], search }: Lies): Promise<MarketplaceBehaviour> {
  const given = new Map<OperationId, Uint8Array>();
  const list = (envelopes: readonly Uint8Array[]): string[] =>
    envelopes.map((envelope, place) => {
      // A name of its own for each, whatever it is.
      const id = place.toString(16).padStart(8, "0") + toHex(systemRandom.bytes(28));
      given.set(id, envelope);
      return id;
    });
  return startHostileNode({
    idsOf: (selector, limit) =>
      list("package" in selector ? ofPackage(selector.package) : ofPublisher(selector.publisher)).slice(0, limit),
    envelopes: (ids) => ids.flatMap((id) => given.get(id) ?? []),
    search,
    dhtServerMode: false,
  });
}

/** A publisher that nobody knows, rightly made, with releases of one id. */
export function stranger(id: string, versions: readonly string[]): readonly SignedOperation[] {
  const [rotation, signing] = [createSigner(systemRandom.bytes(32)), createSigner(systemRandom.bytes(32))];
  const time = Math.floor(Date.now() / 1000) - 1000;
  const { publisher, genesis, grant } = foundPublisher([rotation], time);
  const key = toHex(signing.publicKey);
  const content = {
    cid: "bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq",
    size: 5,
    sha256: "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
  };
  const chain: SignedOperation[] = [];
  for (const [place, version] of versions.entries()) {
    chain.push(
      sealOperation(
        {
          v: 1,
          type: "release",
          time,
          publisher,
          key,
          seq: place + 1,
          prev: chain.at(-1)?.id ?? null,
          id,
          version,
          manifest: bareManifest,
          content,
        },
        [signing],
      ),
    );
  }
  return [genesis, grant(key, "own"), ...chain];
}
