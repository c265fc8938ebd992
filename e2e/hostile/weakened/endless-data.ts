import type { Weakness } from "./weakness.ts";

/** A build in which nothing ends what a peer has to say. */
export const endlessData: Weakness = {
  believes: "a peer that has more to say",
  edits: [
    {
      module: "behaviour/src/operations/operation-client.ts",
      find: "if (received > max || answer.envelopes.length === 0) {",
      put: "if (answer.envelopes.length === 0) {",
    },
    {
      module: "behaviour/src/sync/sync-client.ts",
      find: "need.count < maxListed",
      put: "need.count >= 0",
    },
    // It waits for what it asked for as long as that takes, and reads on when the answer was no good.
    { module: "registry/src/query/ask-peers.ts", find: "const askMs = 1500;", put: "const askMs = 60_000;" },
    { module: "behaviour/src/node/peer-requests.ts", find: "over.abort(error);", put: "" },
    // What is no message is passed over, and a stream is read whether or not anybody takes what came.
    { module: "behaviour/src/node/peer-streams.ts", find: "stream.abort(error as Error);", put: "" },
    {
      module: "behaviour/src/stream/frame-stream.ts",
      find: `stream.removeEventListener("message", onMessage);
        this.abort(toGgenError(error, "network.protocol"));`,
      put: "",
    },
    {
      module: "behaviour/src/stream/frame-stream.ts",
      find: 'if (this.#queuedBytes > readHighWaterBytes && stream.readStatus === "readable") stream.pause();',
      put: "",
    },
    // Of contents it takes what was not asked for, and goes on when the download is over.
    {
      module: "behaviour/src/chunks/chunk-link.ts",
      find: "onHeader: (header) => this.#checkHeader(header),",
      put: "onHeader: () => {},",
    },
    {
      module: "behaviour/src/chunks/chunk-link.ts",
      find: "onAnswer: (header, payload) => this.#settle(header, payload),",
      put: "onAnswer: (header, payload) => this.#pending.has(header.n) && this.#settle(header, payload),",
    },
    {
      module: "behaviour/src/chunks/chunk-link.ts",
      find: 'if (owes()) this.abort(new Error("the download is over"));',
      put: "",
    },
  ],
};
