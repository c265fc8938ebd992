import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../command.ts";

export default class Why extends GgenCommand {
  static override description =
    "Explain, step by step, why a package was or was not found, fetched or trusted.\nExit status 0 when it could be installed, or when the proof holds.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> io.ggen.rust.cli-subcommand",
    "<%= config.bin %> <%= command.id %> --proof conflict.json",
  ];
  static override args = { ref: Args.string({ description: "[PUBLISHER/]ID[@RANGE]" }) };
  static override flags = {
    proof: Flags.string({
      description: "check the proof of a conflict, in what `why --json` or `info --json` printed on any machine",
      helpValue: "PATH",
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Why);
    if (flags.proof !== undefined && args.ref === undefined) {
      const { checkProofFile } = await import("../proof/check-proof-file.ts");
      const { renderProof } = await import("../render/why.ts");
      return this.answer({ proof: await checkProofFile(flags.proof) }, ({ proof }) => renderProof(proof, this.style));
    }
    if (args.ref === undefined || flags.proof !== undefined) {
      const { usageError } = await import("../proof/check-proof-file.ts");
      throw usageError(args.ref);
    }
    await using node = await this.openNode("read");
    const report = await node.api.why({ ref: args.ref }, await this.callOptions());
    const { renderWhy } = await import("../render/why.ts");
    if (!report.ok) process.exitCode = 5;
    return this.answer({ ...report, mode: node.mode }, (safe) => renderWhy(safe, this.style));
  }
}
