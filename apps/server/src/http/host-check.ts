import type { IncomingMessage } from "node:http";

import { GgenError } from "@ggen/p2p-types";

const loopbackHost = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;
const anyHost = /^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/** Whether a listen host is reachable from this machine only. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/**
 * Checks the `Host` of a request. A gateway on loopback answers loopback names only: a page of the web that points its
 * own name at 127.0.0.1 (DNS rebinding) must not read it.
 * @param request - as it came
 * @param loopbackOnly - whether the gateway is bound to loopback
 * @returns the host, safe to write into a URL
 * @throws GgenError `http.host-refused`, also for a second Host: Node would silently take the first
 */
export function checkHost(request: IncomingMessage, loopbackOnly: boolean): string {
  const hosts = request.headersDistinct["host"] ?? [];
  const [host] = hosts;
  if (host !== undefined && hosts.length === 1 && (loopbackOnly ? loopbackHost : anyHost).test(host)) return host;
  throw new GgenError("http.host-refused", "The request names a host that this gateway is not", {
    expected: loopbackOnly ? "localhost, 127.0.0.1 or [::1]" : "one host name or address",
    got: host === undefined ? "no Host header" : JSON.stringify(hosts.join(", ").slice(0, 100)),
  });
}
