/**
 * The local control API of a running ggen node: HTTP with newline-delimited JSON over a unix socket that only its own
 * user can reach. One table of methods drives the server and the typed client.
 *
 * @packageDocumentation
 */
export { connectControl, type ConnectControlOptions } from "./client/connect.ts";
export { type ControlLimits, controlLimits } from "./limits.ts";
export { type ControlServer, serveControl, type ServeControlOptions } from "./server/serve.ts";
export { controlSocketPath, maxSocketPathBytes } from "./socket-path.ts";
