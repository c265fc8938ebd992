import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../../command.ts";

export default class PeerInfo extends GgenCommand {
  static override description = "Show a peer of the running node, and what its reputation is made of.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> 12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo",
    "<%= config.bin %> <%= command.id %> 12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo --full",
  ];
  static override args = { peer: Args.string({ description: "peer id", required: true }) };
  static override flags = {
    full: Flags.boolean({ description: "also location, distance, protocols and the evidence behind the score" }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(PeerInfo);
    await using node = await this.openNode("live");
    const info = await node.api.peerInfo({ peerId: args.peer }, { signal: this.signal });
    const { renderPeerInfo } = await import("../../../render/peers.ts");
    return this.answer(info, (safe) => renderPeerInfo(safe, flags.full, this.style));
  }
}
