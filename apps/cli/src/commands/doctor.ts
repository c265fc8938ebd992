import { GgenCommand } from "../command.ts";

export default class Doctor extends GgenCommand {
  static override description =
    "Look for what is wrong with this node, and say what to do about it.\nExit status 0 when nothing is wrong, 1 when something is.";
  static override examples = ["<%= config.bin %> <%= command.id %>"];

  async run(): Promise<unknown> {
    await this.parse(Doctor);
    const { examine } = await import("../doctor/examine.ts");
    const { renderFindings } = await import("../render/findings.ts");
    const findings = await examine(process.env, this.signal);
    const healthy = findings.every(({ level }) => level !== "error");
    if (!healthy) process.exitCode = 1;
    return this.answer({ healthy, findings }, (safe) => renderFindings(safe.findings, this.style));
  }
}
