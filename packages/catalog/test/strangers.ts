import { sha256, toHex } from "@ggen/p2p-types";

import { publisherWithKey, type TestPublisher } from "./publisher-fixture.ts";

/** Text that no form of a record makes shorter: digests. */
export function noise(seed: string, digests: number): string {
  const one = (place: number): string => toHex(sha256(new TextEncoder().encode(`${seed} ${place}`)));
  return Array.from({ length: digests }, (_, place) => one(place)).join(" ");
}

/** Publishers that each released one package, of about 2 kB. */
export function strangers(name: string, count: number): TestPublisher[] {
  return Array.from({ length: count }, (_, at) => {
    const made = publisherWithKey(`${name} ${at}`);
    made.release("laptop", { id: `io.example.${name}-${at}`, manifest: { description: noise(`${name} ${at}`, 28) } });
    return made;
  });
}
