import { chromium, corpus, loopMounts, networkNamespaces, type Probe, strace } from "./probes.ts";

/** Something that not every machine can do and some tests need. */
export type CapabilityName = "chromium" | "network-namespaces" | "strace" | "loop-mounts" | "corpus";

const probes: Readonly<Record<CapabilityName, Probe>> = {
  chromium,
  "network-namespaces": networkNamespaces,
  strace,
  "loop-mounts": loopMounts,
  corpus,
};

/** Whether this machine can do it. */
export interface Capability {
  readonly name: CapabilityName;
  readonly available: boolean;
  /** Where or which it is; when it is not available, why. */
  readonly detail: string;
}

/** Every capability that is looked for. */
export const capabilityNames: readonly CapabilityName[] = Object.keys(probes) as CapabilityName[];

const found = new Map<CapabilityName, Capability>();

/**
 * Tries out whether this machine can do something, once per process.
 * @param name - what is needed
 */
export function capability(name: CapabilityName): Capability {
  const known = found.get(name);
  if (known !== undefined) return known;
  let result: Capability;
  try {
    result = { name, available: true, detail: probes[name]() };
  } catch (error) {
    result = { name, available: false, detail: ((error as Error).message.split("\n", 1)[0] ?? "").slice(0, 100) };
  }
  found.set(name, result);
  return result;
}

/**
 * The capabilities that a run must have, from `GGEN_EXPECT_CAPABILITIES` (names separated by commas, or `all`).
 * @param text - the variable's value
 * @throws Error for a name that does not exist
 */
export function expectedCapabilities(
  text: string | undefined = process.env["GGEN_EXPECT_CAPABILITIES"],
): readonly CapabilityName[] {
  const names = (text ?? "")
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (names.includes("all")) return capabilityNames;
  for (const name of names) {
    if (!Object.hasOwn(probes, name)) {
      throw new Error(`GGEN_EXPECT_CAPABILITIES names "${name}"; there are ${capabilityNames.join(", ")}`);
    }
  }
  return names as CapabilityName[];
}

/**
 * Whether a test that needs a capability can run, for `it.runIf(needs("chromium"))(…)`.
 * @param name - what the test needs
 * @throws Error when the run is expected to have it and has not: the test file then fails instead of skipping
 */
export function needs(name: CapabilityName): boolean {
  const { available, detail } = capability(name);
  if (!available && expectedCapabilities().includes(name)) {
    throw new Error(`this run must be able to test with ${name} (GGEN_EXPECT_CAPABILITIES), but: ${detail}`);
  }
  return available;
}
