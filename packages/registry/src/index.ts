/**
 * A package registry without a server: publish, search, get, install and subscribe over one node's catalogue, content
 * store and libp2p network.
 *
 * @packageDocumentation
 */
export { P2PRegistryBuilder } from "./builder.ts";
export { homeLayout, type HomeLayout } from "./home/layout.ts";
export { type LockHolder, readLockHolder } from "./home/lock.ts";
export { openKeyFile, sealKeyFile } from "./keys/key-file.ts";
export { createRecoveryWords, rotationKeyOf, splitRecoveryWords } from "./keys/recovery-words.ts";
export { createNodeApi, type NodeApiInit } from "./node-api.ts";
export type { RegistryOptions } from "./open-parts.ts";
export type { Publishers } from "./publishers/publishers.ts";
export { P2PRegistry } from "./registry.ts";
