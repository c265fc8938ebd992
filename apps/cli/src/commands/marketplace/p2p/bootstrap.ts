import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../../command.ts";

export default class Bootstrap extends GgenCommand {
  static override description =
    "Connect the running node to others.\nExit status 0 when at least one of them was reached.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> /ip4/192.0.2.7/tcp/4001/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo",
  ];
  static override args = {
    multiaddr: Args.string({ description: "address of a node, with /p2p/PEER_ID", required: true, multiple: true }),
  };
  static override flags = {
    timeout: Flags.integer({ char: "t", description: "seconds for each", default: 30, min: 1, max: 3600 }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Bootstrap);
    await using node = await this.openNode("live");
    const addresses = args.multiaddr.flatMap((text) => text.split(",")).map((text) => text.trim());
    const report = await node.api.bootstrap({ addresses, timeoutMs: flags.timeout * 1000 }, await this.callOptions());
    const { renderBootstrap } = await import("../../../render/bootstrap.ts");
    if (!report.results.some(({ connected }) => connected)) process.exitCode = 6;
    return this.answer(report, (safe) => renderBootstrap(safe, this.style));
  }
}
