import { createReconciler } from "@ggen/p2p-catalog";
import {
  type Clock,
  createSigner,
  type Operation,
  sealOperation,
  type Signer,
  silentLogger,
  systemClock,
  systemRandom,
  toHex,
  toPublisherId,
} from "@ggen/p2p-types";
import { onTestFinished } from "vitest";

import {
  type BehaviourInit,
  type BlockSource,
  createMarketplaceBehaviour,
  type EvidenceSink,
  type MarketplaceBehaviour,
  type OnCopyAsked,
  type SearchLocal,
} from "../../src/index.ts";
import { MemoryContents } from "./memory-contents.ts";
import { MemoryOperations } from "./memory-operations.ts";

/** A node with its stores. */
export interface TestNode {
  readonly behaviour: MarketplaceBehaviour;
  readonly operations: MemoryOperations;
  readonly contents: MemoryContents;
  readonly evidence: { kind: string; peerId: string; reason?: string }[];
  /** Its first dialable address. */
  address(): string;
}

let nextSeed = 1;

/** Starts a node on loopback that is stopped when the test ends. */
export async function startNode(
  init: BehaviourInit = {},
  parts: {
    readonly contents?: MemoryContents;
    readonly searchLocal?: SearchLocal;
    readonly start?: boolean;
    readonly datastorePath?: string;
    readonly seed?: Uint8Array;
    readonly onCopyAsked?: OnCopyAsked;
    readonly blocks?: BlockSource;
    readonly clock?: Clock;
  } = {},
): Promise<TestNode> {
  const operations = new MemoryOperations();
  const contents = parts.contents ?? new MemoryContents();
  const evidence: TestNode["evidence"] = [];
  const sink: EvidenceSink = {
    success: (peerId) => void evidence.push({ kind: "success", peerId }),
    failure: (peerId, reason) => void evidence.push({ kind: "failure", peerId, reason }),
    lie: (peerId, reason) => void evidence.push({ kind: "lie", peerId, reason }),
  };
  nextSeed += 1;
  const behaviour = await createMarketplaceBehaviour(
    {
      privateKeySeed: parts.seed ?? systemRandom.bytes(32),
      operations,
      contents,
      ...(parts.blocks === undefined ? {} : { blocks: parts.blocks }),
      createReconciler,
      searchLocal: parts.searchLocal ?? (() => Promise.resolve({ envelopes: [], total: 0 })),
      ...(parts.onCopyAsked === undefined ? {} : { onCopyAsked: parts.onCopyAsked }),
      evidence: sink,
      clock: parts.clock ?? systemClock,
      random: systemRandom,
      logger: silentLogger,
      datastorePath: parts.datastorePath,
    },
    {
      ...init,
      p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], ...init.p2p },
      network: { mdns: false, ...init.network },
    },
  );
  onTestFinished(() => behaviour.stop());
  if (parts.start !== false) await behaviour.start();
  return { behaviour, operations, contents, evidence, address: () => behaviour.addresses()[0] ?? "" };
}

/** Resolves when a node has identified a peer. */
export function identified(node: TestNode, peerId: string): Promise<void> {
  return new Promise((resolve) => {
    const stop = node.behaviour.onPeer((event) => {
      if (event.type !== "identify" || event.peerId !== peerId) return;
      stop();
      resolve();
    });
  });
}

/** Connects two nodes, and resolves when both know each other's protocols and have reconciled once. */
export async function connect(from: TestNode, to: TestNode): Promise<void> {
  const synced = new Promise<void>((resolve) => {
    const stop = from.behaviour.onSync(({ peerId }) => {
      if (peerId !== to.behaviour.peerId) return;
      stop();
      resolve();
    });
  });
  const both = Promise.all([identified(from, to.behaviour.peerId), identified(to, from.behaviour.peerId), synced]);
  await from.behaviour.dial(to.address());
  await both;
}

/** A publisher that signs yanks, the smallest operations of a chain. */
export class TestPublisher {
  readonly #signer: Signer;
  readonly genesis: Uint8Array;
  readonly id: string;
  #seq = 0;
  #prev: string | null = null;

  constructor(seed: number) {
    this.#signer = createSigner(new Uint8Array(32).fill(seed));
    const keys = [toHex(this.#signer.publicKey)];
    const signed = sealOperation({ v: 1, type: "genesis", time: seed, keys, threshold: 1 }, [this.#signer]);
    this.genesis = signed.envelope;
    this.id = toPublisherId(signed.id);
  }

  /** The next operation of its chain. */
  next(): Uint8Array {
    this.#seq += 1;
    const operation: Operation = {
      v: 1,
      type: "yank",
      time: 1000 + this.#seq,
      publisher: this.id,
      key: toHex(this.#signer.publicKey),
      seq: this.#seq,
      prev: this.#prev,
      id: "io.example.package",
      version: `1.0.${this.#seq}`,
      reason: "",
    };
    const signed = sealOperation(operation, [this.#signer]);
    this.#prev = signed.id;
    return signed.envelope;
  }
}
