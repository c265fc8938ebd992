import type { CallOptions } from "./api/call-options.ts";
import type { PublishResult } from "./api/publishing.ts";
import type { Package, PackageDraft, PackageUpdate, Query, SearchPage } from "./package.ts";

/** The documents' registry: what every implementation offers. */
export interface Registry {
  search(query: Query, options?: CallOptions): Promise<SearchPage["results"]>;
  publish(source: string | PackageDraft, options?: CallOptions): Promise<PublishResult>;
  get(id: string, options?: CallOptions): Promise<Package | undefined>;
  subscribe(topic?: string): AsyncIterable<PackageUpdate>;
}
