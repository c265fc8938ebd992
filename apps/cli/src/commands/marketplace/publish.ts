import { resolve } from "node:path";

import { Args, Flags } from "@oclif/core";

import { GgenCommand } from "../../command.ts";

export default class Publish extends GgenCommand {
  static override description =
    "Sign a package folder and publish it.\nWithout a running node it is stored and queued, and announced when the node starts.";
  static override examples = [
    "<%= config.bin %> <%= command.id %> ./my-package",
    "<%= config.bin %> <%= command.id %> ./my-package --version 1.0.0",
    "<%= config.bin %> <%= command.id %> . --dry-run",
  ];
  static override args = {
    path: Args.string({ description: "folder that holds gpack.toml or package.toml", required: true }),
  };
  static override flags = {
    version: Flags.string({ char: "v", description: "publish as this version, not the manifest's", helpValue: "V" }),
    "skip-verify": Flags.boolean({ description: "skip the pre-flight lint; never a signature or a hash" }),
    "dry-run": Flags.boolean({ description: "only list what would be packed" }),
    replicas: Flags.integer({
      description: "wait until this many other nodes proved that they hold it",
      helpValue: "N",
      min: 0,
      max: 1000,
    }),
  };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(Publish);
    await using node = await this.openNode("publish");
    const result = await node.api.publish(
      {
        path: resolve(args.path),
        ...(flags.version === undefined ? {} : { version: flags.version }),
        ...(flags["skip-verify"] ? { skipVerify: true } : {}),
        ...(flags["dry-run"] ? { dryRun: true } : {}),
        ...(flags.replicas === undefined ? {} : { replicas: flags.replicas }),
      },
      await this.callOptions(),
    );
    const { renderPublish } = await import("../../render/publish.ts");
    this.warnings(result.warnings);
    return this.answer({ ...result, mode: node.mode }, (safe) => renderPublish(safe, this.style));
  }
}
