import { type Capability, capability, capabilityNames, expectedCapabilities } from "./capabilities.ts";

/** What this machine can do, and what it had to. */
export interface CapabilityReport {
  readonly capabilities: readonly Capability[];
  /** Expected and not available; a run with any of these has failed. */
  readonly missing: readonly Capability[];
  /** The same for people: one line per capability. */
  readonly table: string;
}

/** Tries out every capability and says what could not be tested here. */
export function reportCapabilities(): CapabilityReport {
  const expected = expectedCapabilities();
  const capabilities = capabilityNames.map((name) => capability(name));
  const rows = capabilities.map(({ name, available, detail }) => {
    const verdict = available ? "tested" : expected.includes(name) ? "MISSING" : "not possible here";
    return `  ${name.padEnd(20)} ${verdict.padEnd(18)} ${detail}`;
  });
  return {
    capabilities,
    missing: capabilities.filter(({ name, available }) => !available && expected.includes(name)),
    table: ["Capabilities of this machine", ...rows].join("\n"),
  };
}
