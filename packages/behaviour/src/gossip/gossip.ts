import { fromPublisherId, type Operation, type OperationStore } from "@ggen/p2p-types";
import { type GossipSub, TopicValidatorResult } from "@chainsafe/libp2p-gossipsub";
import type { PeerId } from "@libp2p/interface";

import type { EvidenceSink } from "../node/evidence.ts";
import type { EnvelopeVerdicts } from "./verdicts.ts";

/** What gossip needs. */
export interface GossipComponents {
  readonly operations: OperationStore;
  readonly evidence: EvidenceSink;
  readonly verdicts: EnvelopeVerdicts;
  /** An operation came whose publisher or parent is not held: the sender should be asked for them. */
  onOrphan(peerId: string, publisher: string): void;
}

/** Counts of announcements. */
export interface GossipCounts {
  readonly sent: number;
  /** Announcements that came, repetitions not counted. */
  readonly received: number;
  /** Of those sent, how many reached at least one peer. */
  readonly delivered: number;
}

/** Announcements over gossipsub. */
export interface Gossip {
  readonly counts: GossipCounts;
  /** Subscribes; incoming envelopes are judged and stored from now on. Idempotent. */
  start(): void;
  stop(): void;
  /** @returns how many peers it was sent to */
  announce(envelope: Uint8Array): Promise<number>;
}

/** Creates the announcer over a started gossipsub. */
export function createGossip(components: GossipComponents, pubsub: GossipSub, topic: string): Gossip {
  const { operations, evidence, verdicts } = components;
  let sent = 0;
  let received = 0;
  let delivered = 0;

  const validate = async (peer: PeerId, data: Uint8Array): Promise<TopicValidatorResult> => {
    received += 1;
    const { signed } = verdicts.judge(data);
    const peerId = peer.toString();
    if (signed === undefined) {
      evidence.lie(peerId, "gossiped a record that is malformed or wrongly signed");
      return TopicValidatorResult.Reject;
    }
    if (operations.has(signed.id)) return TopicValidatorResult.Ignore;
    const report = await operations.accept([data], { via: "gossip", peer: peerId });
    // What is not kept needs no parents.
    const missing = report.deferred.length > 0 ? undefined : missingParent(signed.operation, operations);
    if (missing !== undefined) components.onOrphan(peerId, missing);
    // Whatever is invalid only by its context (quota, time, missing parent) is nobody's fault.
    return report.accepted.length > 0 ? TopicValidatorResult.Accept : TopicValidatorResult.Ignore;
  };

  return {
    get counts() {
      return { sent, received, delivered };
    },
    start() {
      pubsub.topicValidators.set(topic, (peer, message) => validate(peer, message.data));
      pubsub.subscribe(topic);
    },
    stop() {
      pubsub.topicValidators.delete(topic);
    },
    async announce(envelope) {
      sent += 1;
      const { recipients } = await pubsub.publish(topic, envelope);
      if (recipients.length > 0) delivered += 1;
      return recipients.length;
    },
  };
}

/** The publisher whose records should be fetched: its genesis or the operation's parent is not held. */
function missingParent(operation: Operation, operations: OperationStore): string | undefined {
  if (operation.type === "genesis") return undefined;
  const { publisher, prev } = operation;
  const complete = operations.has(fromPublisherId(publisher)) && (prev === null || operations.has(prev));
  return complete ? undefined : publisher;
}
