/**
 * The HTTP gateway of a ggen node: a read-only view of its catalogue and content, as JSON and as a web page.
 *
 * @packageDocumentation
 */
export type { GatewayBackend } from "./backend.ts";
export { createGateway, type GatewayOptions } from "./gateway.ts";
export { defaultLimits, type GatewayLimits } from "./limits.ts";
export { type RunningGateway, startGateway } from "./listen.ts";
