/**
 * The verified, content-addressed package store of a ggen node: chunks in files named by their hash, SQLite beside them,
 * and a small in-memory cache for lookups.
 *
 * @packageDocumentation
 */
export { type ContentCache, type ContentCacheOptions, openContentCache } from "./content-cache.ts";
export { createHotCache, type HotCache, type HotCacheOptions, type HotCacheStats } from "./hot-cache.ts";
export type { Collected } from "./store/evictor.ts";
export type { ByteRange } from "./store/reader.ts";
export type { LeafFollower } from "./store/fetch-state.ts";
export type { FollowableWriter } from "./store/writer.ts";
export { recoveredPin } from "./store/rebuild.ts";
