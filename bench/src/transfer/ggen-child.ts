import { createReadStream } from "node:fs";
import { join } from "node:path";

import { createMarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { openContentCache } from "@ggen/p2p-cache";
import { createReconciler, openCatalog } from "@ggen/p2p-catalog";
import { type ContentAddress, silentLogger, systemClock, systemRandom } from "@ggen/p2p-types";

import { answerCommands } from "./child.ts";

/** What an asker needs to know: whom to ask, and for what; without a content, of somebody who is fetching it too. */
interface Ticket {
  readonly peerId: string;
  readonly address: string;
  readonly content?: ContentAddress;
}

const [directory = "", settings = "{}"] = process.argv.slice(2);
const clock = systemClock;
const random = systemRandom;
const contents = await openContentCache({
  directory: join(directory, "content"),
  maxBytes: 100e9,
  maxPackageBytes: 10e9,
  clock,
  random,
});
const operations = openCatalog({ path: join(directory, "catalog.db"), clock, logger: silentLogger });
const node = await createMarketplaceBehaviour(
  {
    privateKeySeed: random.bytes(32),
    operations,
    contents,
    createReconciler,
    searchLocal: () => Promise.resolve({ envelopes: [], total: 0 }),
    evidence: { success() {}, failure() {}, lie() {} },
    clock,
    random,
    logger: silentLogger,
    datastorePath: undefined,
  },
  {
    p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"] },
    network: { mdns: false, ...(JSON.parse(settings) as object) },
  },
);
await node.start();

const self: Ticket = { peerId: node.peerId, address: node.addresses()[0] ?? "" };

answerCommands({
  self: JSON.stringify(self),
  async provide(file) {
    const content = await contents.add(createReadStream(file, { highWaterMark: 1024 * 1024 }));
    return JSON.stringify({ ...self, content } satisfies Ticket);
  },
  async connect(tickets) {
    for (const { address } of tickets.map(toTicket)) await node.dial(address);
  },
  async fetch(tickets) {
    const sources = tickets.map(toTicket);
    const content = sources.find((source) => source.content !== undefined)?.content;
    if (content === undefined) throw new Error("a ticket is needed");
    const writer = await contents.open(content);
    try {
      await node.download(writer, { providers: each(sources.map(({ peerId }) => peerId)) });
      await writer.finish();
    } finally {
      writer.close();
    }
    return content.size;
  },
  async close() {
    await node.stop();
    await operations.close();
    await contents.close();
  },
});

async function* each<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}

function toTicket(text: string): Ticket {
  return JSON.parse(text) as Ticket;
}
