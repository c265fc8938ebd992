import { parseWeighted, weightOf } from "./quality.ts";

/** How content is encoded for transport. */
export type ContentCoding = "identity" | "gzip" | "zstd";

/**
 * Whether a client would rather read a page than JSON: only one that names HTML, as browsers do and tools do not.
 * @param accept - the `Accept` header
 */
export function prefersHtml(accept: string | undefined): boolean {
  const items = parseWeighted(accept);
  const html = weightOf(items, "text/html", "application/xhtml+xml") ?? 0;
  return html > 0 && html >= (weightOf(items, "application/json") ?? 0);
}

/**
 * The coding that a client prefers of those we have; zstd before gzip, and either before none, when it does not care.
 * @param acceptEncoding - the `Accept-Encoding` header; absent means identity
 */
export function preferredCoding(acceptEncoding: string | undefined): ContentCoding {
  const items = parseWeighted(acceptEncoding);
  const zstd = weightOf(items, "zstd") ?? 0;
  const gzip = weightOf(items, "gzip", "x-gzip") ?? 0;
  const best = Math.max(zstd, gzip);
  if (best === 0 || best < (weightOf(items, "identity") ?? 0)) return "identity";
  return zstd >= gzip ? "zstd" : "gzip";
}
