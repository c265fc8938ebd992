import { defineConfig } from "@ggen/p2p-config";
import { P2PRegistry } from "@ggen/p2p-registry";
import { createHome } from "@ggen/testkit";
import { pollUntil } from "../measure/poll.ts";

/**
 * Starts nodes that share this process and its one event loop: what they are measured at is more than it would be on
 * machines of their own. Each bootstraps from the first, and all are connected when this resolves.
 */
export async function startRegistries(count: number): Promise<P2PRegistry[]> {
  const registries: P2PRegistry[] = [];
  for (let index = 0; index < count; index += 1) {
    const bootstrapNodes = registries[0]?.addresses.slice(0, 1) ?? [];
    const config = defineConfig({
      p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], bootstrapNodes },
      network: { mdns: false },
      install: { cooldownHours: 0 },
    });
    const registry = await P2PRegistry.create(config, { home: createHome() });
    await registry.start();
    registries.push(registry);
  }
  for (const registry of registries) {
    await pollUntil("every node has a peer", async () => (await registry.stats()).connectedPeers > 0);
  }
  return registries;
}

/** Ends nodes, all at once. */
export async function closeRegistries(registries: readonly P2PRegistry[]): Promise<void> {
  await Promise.all(registries.map((registry) => registry.close()));
}
