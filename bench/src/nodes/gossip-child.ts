import { defineConfig } from "@ggen/p2p-config";
import { P2PRegistry } from "@ggen/p2p-registry";
import { wallClockMs } from "../measure/time.ts";

/** What a child tells its parent. */
export type ChildMessage =
  | { readonly type: "listening"; readonly address: string }
  | { readonly type: "update"; readonly id: string; readonly atMs: number }
  | { readonly type: "published"; readonly id: string };

const [home = "", bootstrap] = process.argv.slice(2);
const config = defineConfig({
  p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], bootstrapNodes: bootstrap === undefined ? [] : [bootstrap] },
  network: { mdns: false },
});
const registry = await P2PRegistry.create(config, { home });
await registry.start();

process.on("message", (id: string) => {
  const draft = { id, version: "1.0.0", name: id, description: "a message", license: "MIT", files: { "a.txt": id } };
  void registry.publish(draft).then(() => tell({ type: "published", id }));
});
process.on("disconnect", () => {
  void registry.close().then(() => process.exit(0));
});

tell({ type: "listening", address: registry.addresses[0] ?? "" });
for await (const { id } of registry.subscribe()) tell({ type: "update", id, atMs: wallClockMs() });

function tell(message: ChildMessage): void {
  process.send?.(message);
}
