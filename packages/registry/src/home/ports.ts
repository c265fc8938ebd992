import { readFileSync, writeFileSync } from "node:fs";

/** Pattern of the part of a multiaddr that asks for any port. */
const anyPort = /\/(tcp|udp)\/0(?=\/|$)/;
const portOf = /\/(?:tcp|udp)\/(\d{1,5})(?=\/|$)/;

type Ports = Record<string, number>;

function readPorts(path: string): Ports {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    if (typeof value !== "object" || value === null) return {};
    return Object.fromEntries(
      Object.entries(value).filter(([, port]) => Number.isInteger(port) && port > 0 && port < 65536),
    );
  } catch {
    return {};
  }
}

/**
 * Puts the ports that were chosen earlier in the place of port 0, so that a node keeps its addresses.
 * @param path - `ports.json` of the home
 * @param addresses - configured listen addresses
 */
export function keptAddresses(path: string, addresses: readonly string[]): string[] {
  const ports = readPorts(path);
  return addresses.map((address) => {
    const port = anyPort.test(address) ? ports[address] : undefined;
    return port === undefined ? address : address.replace(anyPort, `/$1/${port}`);
  });
}

/**
 * Remembers which port each configured port 0 became.
 * @param configured - as in the configuration
 * @param listening - the addresses that the node listens on now
 */
export function keepPorts(path: string, configured: readonly string[], listening: readonly string[]): void {
  const ports = readPorts(path);
  const before = JSON.stringify(ports);
  for (const address of configured) {
    const protocol = anyPort.exec(address)?.[1];
    if (protocol === undefined) continue;
    const shape = (text: string): string => (text.includes("/ws") ? `${protocol}/ws` : protocol);
    const match = listening.find((text) => text.includes(`/${protocol}/`) && shape(text) === shape(address));
    const port = Number(portOf.exec(match ?? "")?.[1]);
    if (port > 0) ports[address] = port;
  }
  const after = JSON.stringify(ports);
  if (after !== before) writeFileSync(path, after, { mode: 0o600 });
}
