import { fromPublisherId, type Operation, openEnvelope, type OperationStore, toHex } from "@ggen/p2p-types";
import type { Schedule, SeededRandom, SimulatedNetwork } from "@ggen/testkit";

import { createReconciler, type Reconciler } from "../../src/index.ts";

/** What nodes say to each other: the protocols of a real node without their streams. */
export type Message =
  | { readonly kind: "gossip"; readonly envelope: Uint8Array }
  | { readonly kind: "sync" | "sync-answer"; readonly session: string; readonly bytes: Uint8Array }
  | { readonly kind: "get"; readonly ids: readonly string[] }
  | { readonly kind: "get-publisher"; readonly publisher: string }
  | { readonly kind: "put"; readonly envelopes: readonly Uint8Array[] };

export const describeMessage = (message: Message): string =>
  JSON.stringify(message, (_key, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  );

/** A node compares with a random peer about this often. */
export const syncEveryMs = 120_000;
const gossipTo = 3;

/** What a node is made of. */
export interface SimNodeInit {
  readonly name: string;
  readonly operations: OperationStore;
  readonly schedule: Schedule;
  readonly network: SimulatedNetwork<Message>;
  readonly random: SeededRandom;
  /** Without comparisons nodes have what gossip brings. */
  readonly reconciles?: boolean;
}

/** A node of the simulation. */
export interface SimNode {
  readonly name: string;
  readonly operations: OperationStore;
  /** Its own operation: stored and announced. @returns false when it does not take it now */
  publish(envelope: Uint8Array): Promise<boolean>;
}

/** Opens a node: it joins the network and begins to compare itself with others. */
export function startSimNode({ name, operations, schedule, network, random, reconciles = true }: SimNodeInit): SimNode {
  const begun = new Map<string, Reconciler>();
  let sessions = 0;

  const announce = (envelope: Uint8Array, except?: string): void => {
    const peers = network.reachable(name).filter((peer) => peer !== except);
    for (let n = 0; n < gossipTo && peers.length > 0; n++) {
      const [peer] = peers.splice(random.below(peers.length), 1);
      if (peer !== undefined) network.send(name, peer, { kind: "gossip", envelope });
    }
  };

  const compare = (): void => {
    const peers = network.reachable(name);
    if (peers.length > 0) {
      const session = `${name} ${sessions++}`;
      const reconciler = createReconciler(operations.reconcileIndex(), { frameLimitBytes: 8192 });
      begun.set(session, reconciler);
      network.send(name, random.pick(peers), { kind: "sync", session, bytes: reconciler.initiate() });
      // What was lost is not waited for.
      schedule.after(syncEveryMs, () => begun.delete(session));
    }
    schedule.after(syncEveryMs * (0.5 + random.number()), compare);
  };

  /** The initiator's turn: goes on comparing, fetches and pushes what is known to differ. */
  const onAnswer = (from: string, session: string, bytes: Uint8Array): void => {
    const reconciler = begun.get(session);
    if (reconciler === undefined) return;
    const { output, have, need } = reconciler.reconcile(bytes);
    if (output === undefined) begun.delete(session);
    else network.send(name, from, { kind: "sync", session, bytes: output });
    const ids = [...need.map(toHex), ...(output === undefined ? (operations.contested?.() ?? []) : [])];
    if (ids.length > 0) network.send(name, from, { kind: "get", ids });
    if (have.length > 0) network.send(name, from, { kind: "put", envelopes: operations.envelopes(have.map(toHex)) });
  };

  const onGossip = async (from: string, envelope: Uint8Array): Promise<void> => {
    const { operation } = openEnvelope(envelope);
    const { accepted } = await operations.accept([envelope], { via: "gossip", peer: from });
    if (accepted.length > 0) announce(envelope, from);
    const publisher = orphanOf(operation, operations);
    if (publisher !== undefined) network.send(name, from, { kind: "get-publisher", publisher });
  };

  network.join(name, async (from, message) => {
    switch (message.kind) {
      case "gossip":
        return onGossip(from, message.envelope);
      case "sync": {
        // A session is one stream to one responder: what it answers depends on its set alone.
        const bytes = createReconciler(operations.reconcileIndex(), { frameLimitBytes: 8192 }).respond(message.bytes);
        return network.send(name, from, { kind: "sync-answer", session: message.session, bytes });
      }
      case "sync-answer":
        return onAnswer(from, message.session, message.bytes);
      case "get":
        return network.send(name, from, { kind: "put", envelopes: operations.envelopes(message.ids) });
      case "get-publisher": {
        const ids = operations.idsOf({ publisher: message.publisher }, 512);
        return network.send(name, from, { kind: "put", envelopes: operations.envelopes(ids) });
      }
      case "put":
        await operations.accept(message.envelopes, { via: "sync", peer: from });
    }
  });
  if (reconciles) schedule.after(syncEveryMs * random.number(), compare);

  return {
    name,
    operations,
    async publish(envelope) {
      const { deferred } = await operations.accept([envelope], { via: "local" });
      announce(envelope);
      return deferred.length === 0;
    },
  };
}

function orphanOf(operation: Operation, operations: OperationStore): string | undefined {
  if (operation.type === "genesis") return undefined;
  const { publisher, prev } = operation;
  const complete = operations.has(fromPublisherId(publisher)) && (prev === null || operations.has(prev));
  return complete ? undefined : publisher;
}
