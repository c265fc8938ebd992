import type { SettingsTable } from "./settings-table.ts";

const metaKey = "catalog.evicted";

/** How many publishers had to make room since the catalogue was made. */
export interface Evictions {
  readonly publishers: number;
  /** Milliseconds since 1970; undefined when none had to. */
  readonly lastAtMs?: number;
}

/** Remembers evictions with the catalogue: one that had some may differ from others for good. */
export class EvictionBook {
  readonly #settings: SettingsTable;

  constructor(settings: SettingsTable) {
    this.#settings = settings;
  }

  /** Counts publishers that went. To be run in the transaction in which they go. */
  add(publishers: number, atMs: number): void {
    if (publishers === 0) return;
    this.#settings.setMeta(
      metaKey,
      JSON.stringify({ publishers: this.read().publishers + publishers, lastAtMs: atMs }),
    );
  }

  /** What is remembered. */
  read(): Evictions {
    const text = this.#settings.meta(metaKey);
    return text === undefined ? { publishers: 0 } : (JSON.parse(text) as Evictions);
  }
}
