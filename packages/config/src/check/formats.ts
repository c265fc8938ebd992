import { isIP } from "node:net";

import { isPublisherId } from "@ggen/p2p-types";

import type { ConfigFormat } from "../keys/config-key.ts";
import { peerIdKind } from "./peer-id.ts";

const maxTextLength = 4096;
const printable = /^[^\p{Cc}]+$/u;

/** Formats that are checked by a predicate alone; addresses are parsed instead. */
export const textFormats: Readonly<
  Record<Exclude<ConfigFormat, "address" | "bootstrap-node">, { readonly expected: string; is(text: string): boolean }>
> = {
  "directory-url": { expected: "an http, https or file URL", is: isDirectoryUrl },
  host: {
    expected: "an IP address or a host name",
    is: (text) => isIP(text) !== 0 || (text.length <= 253 && /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(text)),
  },
  "ip-range": { expected: "an IP address or a CIDR range, e.g. 203.0.113.0/24", is: isIpRange },
  name: { expected: "1-200 printable characters", is: (text) => text.length <= 200 && printable.test(text) },
  path: { expected: "a path", is: (text) => text.length <= maxTextLength && printable.test(text) },
  "peer-id": { expected: "a peer id, e.g. 12D3KooW…", is: (text) => peerIdKind(text) !== undefined },
  "protocol-name": {
    expected: "a name that begins with /, 2-200 characters",
    is: (text) => /^\/[!-~]{1,199}$/.test(text),
  },
  "publisher-id": { expected: "a publisher id, ggen1…", is: isPublisherId },
};

function isDirectoryUrl(text: string): boolean {
  if (text.length > maxTextLength || !URL.canParse(text)) return false;
  return ["http:", "https:", "file:"].includes(new URL(text).protocol);
}

function isIpRange(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}
