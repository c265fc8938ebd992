import { GgenCommand } from "../../../command.ts";

export default class Status extends GgenCommand {
  static override description =
    "Show whether the node runs and how it is: addresses, peers, catalogue, cache.\nExit status 0 when it runs, 3 when not.";
  static override examples = ["<%= config.bin %> <%= command.id %>", "<%= config.bin %> <%= command.id %> --json"];

  async run(): Promise<unknown> {
    await this.parse(Status);
    const { findDaemon } = await import("../../../node/home.ts");
    const daemon = await findDaemon(process.env);
    if (daemon === undefined) {
      const { resolveHome } = await import("@ggen/p2p-config");
      process.exitCode = 3;
      return this.answer(
        { running: false, home: resolveHome(process.env) },
        () => "The node is not running.\n  → Start it: ggen marketplace p2p start --daemon\n",
      );
    }
    const status = await daemon.status({ signal: this.signal });
    const { renderStatus } = await import("../../../render/status.ts");
    return this.answer({ ...status, listen_addresses: status.listenAddresses }, (safe) =>
      renderStatus(safe, this.style),
    );
  }
}
