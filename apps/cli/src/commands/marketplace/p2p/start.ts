import { Flags } from "@oclif/core";

import { GgenCommand } from "../../../command.ts";
import type { StartFlags } from "../../../daemon/start.ts";

export default class Start extends GgenCommand {
  static override description =
    "Run a node: find peers, keep the catalogue, serve packages.\nIn the foreground until Ctrl-C, or as a daemon.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --daemon",
    "<%= config.bin %> <%= command.id %> --listen /ip4/0.0.0.0/tcp/7777 --http 8080",
  ];
  static override flags = {
    listen: Flags.string({
      char: "l",
      description: "listen on this address",
      helpValue: "MULTIADDR",
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ",",
    }),
    bootstrap: Flags.string({
      char: "b",
      description: "connect to this node first",
      helpValue: "MULTIADDR",
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ",",
    }),
    "dht-server": Flags.boolean({ description: "store and answer DHT records for others (on)", allowNo: true }),
    daemon: Flags.boolean({ char: "d", description: "run in the background; returns when the node listens" }),
    config: Flags.string({ char: "c", description: "read this configuration file", helpValue: "PATH" }),
    http: Flags.string({ description: "serve the HTTP gateway in the same process", helpValue: "[HOST:]PORT" }),
    supervised: Flags.boolean({ hidden: true, description: "this process was started by --daemon" }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(Start);
    const { startDaemon, startForeground } = await import("../../../daemon/start.ts");
    const given: StartFlags = {
      listen: flags.listen,
      bootstrap: flags.bootstrap,
      dhtServer: flags["dht-server"],
      config: flags.config,
      http: flags.http,
    };
    if (flags.daemon && !flags.supervised) {
      const { renderListening } = await import("../../../daemon/listening.ts");
      const { listening, warnings } = await startDaemon(given, process.env, this.signal);
      this.warnings(warnings);
      return this.answer(listening, (safe) => `The node runs.\n${renderListening(safe)}`);
    }
    await startForeground(given, process.env, { json: this.jsonEnabled(), supervised: flags.supervised });
    return undefined;
  }
}
