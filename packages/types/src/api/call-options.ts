/** A step of a long operation, for people and progress bars. */
export interface Progress {
  /** What is being done, e.g. `fetch`, `pack`, `verify`, `announce`. */
  readonly step: string;
  /** What it is done to, e.g. `io.ggen.rust.cli@1.0.0`. */
  readonly subject: string;
  /** How far, in `unit`; absent when unknown. */
  readonly done?: number;
  readonly total?: number;
  readonly unit?: "bytes" | "files" | "peers" | "operations";
}

/** Options that every long call takes. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}
