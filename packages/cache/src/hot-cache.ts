import type { Clock } from "@ggen/p2p-types";

/** Settings of a {@link HotCache}. */
export interface HotCacheOptions {
  /** How long an entry is good after it was set, in milliseconds; 0 keeps nothing. */
  readonly ttlMs: number;
  /** Most entries; the least recently used goes first. 1 or more. */
  readonly maxEntries: number;
  readonly clock: Clock;
}

/** What a {@link HotCache} counted since it was made. */
export interface HotCacheStats {
  readonly entries: number;
  readonly hits: number;
  readonly misses: number;
  /** `hits / (hits + misses)`; 0 before the first lookup. */
  readonly hitRate: number;
}

/** An in-memory cache of lookups: bounded, least recently used out first, entries good for a limited time. */
export interface HotCache<K, V> {
  /** The value of a key, or undefined; counted as a hit or a miss. */
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  /** Forgets a key, for when what it stood for has changed. */
  delete(key: K): void;
  clear(): void;
  stats(): HotCacheStats;
}

/** An empty {@link HotCache}. */
export function createHotCache<K, V>(options: HotCacheOptions): HotCache<K, V> {
  const { ttlMs, maxEntries, clock } = options;
  // A Map iterates in insertion order: the first key is the least recently used.
  const entries = new Map<K, { readonly value: V; readonly expiresAt: number }>();
  let hits = 0;
  let misses = 0;
  return {
    get(key) {
      const entry = entries.get(key);
      if (entry === undefined || clock.monotonic() >= entry.expiresAt) {
        entries.delete(key);
        misses += 1;
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      hits += 1;
      return entry.value;
    },
    set(key, value) {
      entries.delete(key);
      if (ttlMs <= 0) return;
      entries.set(key, { value, expiresAt: clock.monotonic() + ttlMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        entries.delete(oldest);
      }
    },
    delete(key) {
      entries.delete(key);
    },
    clear() {
      entries.clear();
    },
    stats() {
      const lookups = hits + misses;
      return { entries: entries.size, hits, misses, hitRate: lookups === 0 ? 0 : hits / lookups };
    },
  };
}
