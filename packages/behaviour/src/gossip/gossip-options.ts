import { fromHex, maxEnvelopeBytes } from "@ggen/p2p-types";
import type { GossipsubOpts } from "@chainsafe/libp2p-gossipsub";

import type { NodeSettings } from "../node/init.ts";
import type { EnvelopeVerdicts } from "./verdicts.ts";

/**
 * A light node hears of news and passes nothing on: who had it in a mesh would send news into the void. It grafts nobody,
 * and whoever grafts it is pruned with the next heartbeat; peers tell it what they have, and it asks.
 */
const besideTheMesh = { D: 0, Dlo: 0, Dhi: 0, Dscore: 0, Dout: 0 } as const;

/** How gossipsub is set up: one topic, whole envelopes, no signature of its own. */
export function gossipOptions(settings: NodeSettings, verdicts: EnvelopeVerdicts): Partial<GossipsubOpts> {
  return {
    allowedTopics: [settings.packagesTopic],
    // Envelopes are signed by their publishers; a second signature would only name the sender.
    globalSignaturePolicy: "StrictNoSign",
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    fallbackToFloodsub: false,
    // The largest envelope and the fields around it.
    maxInboundDataLength: maxEnvelopeBytes + 1024,
    maxOutboundBufferSize: 8 << 20,
    // Few topics exist; this bounds what a peer can make this node remember.
    maxTopicBytesPerPeer: 16 * 1024,
    heartbeatInterval: settings.heartbeatMs,
    mcacheLength: settings.historyLength,
    mcacheGossip: settings.historyGossip,
    D: settings.meshN,
    Dlo: settings.meshNLow,
    Dhi: settings.meshNHigh,
    Dscore: Math.min(4, settings.meshNLow),
    Dout: Math.min(2, Math.max(0, Math.floor(settings.meshN / 2) - 1)),
    ...(settings.isLight ? besideTheMesh : {}),
    /**
     * The operation's id; for what is not a valid envelope the hash of its bytes. gossipsub remembers an id before it
     * validates: were a forgery given the id of the operation it imitates, it would suppress the real one.
     */
    msgIdFn(message) {
      const { signed, digest } = verdicts.judge(message.data);
      return signed === undefined ? digest : fromHex(signed.id);
    },
    scoreParams: {
      topics: {
        [settings.packagesTopic]: {
          topicWeight: 1,
          timeInMeshWeight: 0,
          timeInMeshQuantum: 1000,
          timeInMeshCap: 1,
          firstMessageDeliveriesWeight: 0,
          firstMessageDeliveriesDecay: 0.5,
          firstMessageDeliveriesCap: 1,
          // Silence is no offence on a topic where days may pass without a message.
          meshMessageDeliveriesWeight: 0,
          meshMessageDeliveriesDecay: 0.5,
          meshMessageDeliveriesCap: 1,
          meshMessageDeliveriesThreshold: 1,
          meshMessageDeliveriesWindow: 10,
          meshMessageDeliveriesActivation: 1000,
          meshFailurePenaltyWeight: 0,
          meshFailurePenaltyDecay: 0.5,
          // Three malformed messages are forgiven; ten silence a peer for some minutes.
          invalidMessageDeliveriesWeight: -1,
          invalidMessageDeliveriesDecay: 0.99,
        },
      },
      // Many nodes may share an address: NAT, a test, a company.
      IPColocationFactorWeight: 0,
      behaviourPenaltyWeight: -1,
      behaviourPenaltyThreshold: 6,
      behaviourPenaltyDecay: 0.9,
    },
    scoreThresholds: { gossipThreshold: -10, publishThreshold: -50, graylistThreshold: -80 },
  } as Partial<GossipsubOpts>;
}
