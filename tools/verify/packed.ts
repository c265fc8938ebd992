import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packMember } from "../packed/pack.ts";
import { runCommand } from "../process/run-command.ts";
import { listMembers } from "../process/workspace.ts";
import type { Member } from "../process/workspace.ts";
import type { StepOutcome } from "./step.ts";

/** Packs every publishable package and asks publint and attw what those who install it would find wrong. */
export async function checkPackedPackages(signal: AbortSignal): Promise<StepOutcome> {
  const scratch = await mkdtemp(join(tmpdir(), "ggen-packed-"));
  try {
    const findings: string[] = [];
    for (const member of listMembers().filter((each) => each.publishable)) {
      if (signal.aborted) break;
      findings.push(...(await checkMember(member, scratch, signal)));
    }
    return { ok: findings.length === 0 && !signal.aborted, output: findings.join("\n") };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function checkMember(member: Member, scratch: string, signal: AbortSignal): Promise<string[]> {
  const packed = await packMember(member, scratch, signal);
  if (packed.tarball === undefined) return [`${member.folder}: pnpm pack failed\n${packed.output}`];
  const publint = runCommand("publint", ["run", packed.tarball, "--strict"], { signal });
  const attw = packed.hasTypes
    ? runCommand("attw", [packed.tarball, "--profile", "esm-only", "--no-emoji"], { signal })
    : undefined;
  const findings: string[] = [];
  const publintResult = await publint;
  if (publintResult.code !== 0) findings.push(`${member.folder}: publint\n${publintResult.output}`);
  const attwResult = await attw;
  if (attwResult !== undefined && attwResult.code !== 0) findings.push(`${member.folder}: attw\n${attwResult.output}`);
  return findings;
}
