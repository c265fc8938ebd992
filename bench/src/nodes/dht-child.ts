import { defineConfig } from "@ggen/p2p-config";
import { P2PRegistry } from "@ggen/p2p-registry";
import { createHome, stopFleet } from "@ggen/testkit";
import { pollUntil } from "../measure/poll.ts";
import { timeMs } from "../measure/time.ts";

/** What the parent asks for. */
export type DhtQuestion =
  | { readonly type: "publish"; readonly id: string }
  | { readonly type: "query"; readonly node: number; readonly id: string; readonly fanOut?: number };

/** What a child tells its parent. */
export type DhtAnswer =
  | { readonly type: "ready"; readonly address: string }
  | { readonly type: "published"; readonly provided: boolean }
  | { readonly type: "queried"; readonly ms: number; readonly found: boolean };

const [count = "1", bootstrap] = process.argv.slice(2);
const nodes: P2PRegistry[] = [];
for (let index = 0; index < Number(count); index += 1) {
  const neighbours = [bootstrap, nodes[0]?.addresses[0]].filter((address) => address !== undefined);
  const config = defineConfig({
    p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], bootstrapNodes: neighbours },
    network: { mdns: false },
    install: { cooldownHours: 0 },
    mirror: { mode: "none" },
  });
  const node = await P2PRegistry.create(config, { home: createHome() });
  await node.start();
  nodes.push(node);
}
for (const node of nodes) {
  if (neighboursExpected()) await pollUntil("a node has a peer", async () => (await node.stats()).connectedPeers > 0);
}

process.on("message", (question: DhtQuestion) => {
  void (question.type === "publish" ? publish(question.id) : query(question)).then((answer) => process.send?.(answer));
});
process.on("disconnect", () => {
  void Promise.all(nodes.map((node) => node.close()))
    .then(stopFleet)
    .then(() => process.exit(0));
});
process.send?.({ type: "ready", address: nodes[0]?.addresses[0] ?? "" } satisfies DhtAnswer);

function neighboursExpected(): boolean {
  return bootstrap !== undefined || nodes.length > 1;
}

async function publish(id: string): Promise<DhtAnswer> {
  const draft = { id, version: "1.0.0", name: id, description: "sought", license: "MIT", files: { "a.txt": id } };
  // On a busy machine the first walk may take longer than a publish waits for it; to publish again is to announce again.
  let provided = false;
  await pollUntil("a provider record is stored", async () => {
    provided = (await nodes[0]?.publish(draft))?.provided ?? false;
    return provided;
  });
  return { type: "published", provided };
}

async function query({ node, id, fanOut }: Extract<DhtQuestion, { type: "query" }>): Promise<DhtAnswer> {
  const asker = nodes[node];
  if (asker === undefined) throw new Error(`no node ${node}`);
  let found = false;
  const ms = await timeMs(async () => {
    found = (await (fanOut === undefined ? asker.queryDht(id) : asker.queryDhtParallel(id, fanOut))) !== undefined;
  });
  return { type: "queried", ms, found };
}
