import { Flags } from "@oclif/core";

import { GgenCommand } from "../../../command.ts";
import { scoreFlag } from "../../../command-line/flags.ts";

export default class PeerList extends GgenCommand {
  static override description = "List the peers of the running node.";
  static override examples = [
    "<%= config.bin %> <%= command.id %>",
    "<%= config.bin %> <%= command.id %> --verbose",
    "<%= config.bin %> <%= command.id %> --format json",
  ];
  static override flags = {
    verbose: Flags.boolean({ char: "v", description: "addresses, agent, latency and how each was found" }),
    "min-reputation": scoreFlag({ description: "only peers of at least this score, 0-1 (0)", helpValue: "SCORE" }),
    format: Flags.string({
      char: "f",
      description: "form of the answer",
      options: ["table", "json", "yaml"],
      default: "table",
    }),
  };

  async run(): Promise<unknown> {
    const { flags } = await this.parse(PeerList);
    await using node = await this.openNode("live");
    const minReputation = flags["min-reputation"];
    const peers = await node.api.peers(minReputation === undefined ? {} : { minReputation }, { signal: this.signal });
    const { renderPeers } = await import("../../../render/peers.ts");
    const json = { peers };
    if (flags.format === "json" && !this.jsonEnabled()) {
      this.logJson({ schema: 1, ...json });
      return undefined;
    }
    if (flags.format === "yaml" && !this.jsonEnabled()) {
      const { stringify } = await import("yaml");
      process.stdout.write(stringify({ schema: 1, ...json }));
      return undefined;
    }
    return this.answer(json, (safe) => renderPeers(safe.peers, flags.verbose, this.style, this.width));
  }
}
