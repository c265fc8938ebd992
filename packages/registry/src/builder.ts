import { defineConfig, type P2PConfig, type P2PConfigInput } from "@ggen/p2p-config";
import type { GeoLocation } from "@ggen/p2p-types";

import type { RegistryOptions } from "./open-parts.ts";
import { P2PRegistry } from "./registry.ts";

type BootstrapNodes = NonNullable<NonNullable<P2PConfigInput["p2p"]>["bootstrapNodes"]>;

/** Builds a {@link P2PRegistry} step by step, as the documents do. Each step returns the builder. */
export class P2PRegistryBuilder {
  #input: P2PConfigInput = {};
  #options: RegistryOptions = {};

  /** Multiaddrs to listen on. */
  withListenAddresses(addresses: readonly string[]): this {
    this.#input = { ...this.#input, p2p: { ...this.#input.p2p, listenAddresses: addresses } };
    return this;
  }

  /** Multiaddrs, or peer ids with their addresses, to connect to at start. */
  withBootstrapNodes(nodes: BootstrapNodes): this {
    this.#input = { ...this.#input, p2p: { ...this.#input.p2p, bootstrapNodes: nodes } };
    return this;
  }

  /** Whether this node serves the DHT for others. */
  withDhtServer(enabled: boolean): this {
    this.#input = { ...this.#input, p2p: { ...this.#input.p2p, dhtServerMode: enabled } };
    return this;
  }

  /** Where this node is. */
  withLocation(location: GeoLocation): this {
    this.#input = { ...this.#input, location };
    return this;
  }

  /** Takes every table of a configuration over what was set before. */
  withConfig(config: P2PConfigInput | P2PConfig): this {
    this.#input = { ...this.#input, ...config };
    return this;
  }

  /** Absolute path of the node's folder. */
  withHome(home: string): this {
    this.#options = { ...this.#options, home };
    return this;
  }

  /** Log, clock, random source and whether the home is only read. */
  withOptions(options: RegistryOptions): this {
    this.#options = { ...this.#options, ...options };
    return this;
  }

  /**
   * Opens the registry.
   * @throws GgenError `config.invalid`, `address.invalid`, `home.locked`, `home.unwritable`, `storage.*`
   */
  async build(): Promise<P2PRegistry> {
    return P2PRegistry.create(defineConfig(this.#input), this.#options);
  }
}
