import { GgenCommand } from "../../../command.ts";

export default class Stop extends GgenCommand {
  static override description = "Stop the running node and wait until its process is gone.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<unknown> {
    await this.parse(Stop);
    const [{ connectDaemon }, { waitForExit }, { systemClock }] = await Promise.all([
      import("../../../node/home.ts"),
      import("../../../daemon/process-state.ts"),
      import("@ggen/p2p-types"),
    ]);
    const daemon = await connectDaemon(process.env);
    const { pid } = await daemon.status({ signal: this.signal });
    await daemon.stop({ signal: this.signal });
    await waitForExit(pid, 20_000, systemClock, this.signal);
    return this.answer({ stopped: true, pid }, (safe) => `The node (process ${safe.pid}) has stopped.\n`);
  }
}
