import { GgenError } from "@ggen/p2p-types";

/**
 * Parses the value of `--http`.
 * @param text - `[HOST:]PORT`; an IPv6 host in brackets
 * @returns the host only when one was given
 * @throws GgenError `usage.invalid`
 */
export function parseEndpoint(text: string): { readonly host?: string; readonly port: number } {
  const match = /^(?:(\[[0-9a-fA-F:.]+\]|[^:\s[\]]+):)?(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[2]);
  if (match === null || port > 65_535) {
    throw new GgenError("usage.invalid", "The address of the gateway is not valid", {
      expected: "[HOST:]PORT, e.g. 8080, 0.0.0.0:8080 or [::1]:8080",
      got: JSON.stringify(text.slice(0, 100)),
    });
  }
  const host = match[1]?.replace(/^\[|\]$/g, "");
  return { ...(host === undefined ? {} : { host }), port };
}
