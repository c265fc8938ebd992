/** What the parent tells a child of a transfer, over its IPC channel. */
export type TransferCommand =
  | { readonly do: "provide"; readonly file: string }
  | { readonly do: "connect"; readonly tickets: readonly string[] }
  /** Connects first; only the fetch is timed. */
  | { readonly do: "fetch"; readonly tickets: readonly string[] }
  | { readonly do: "cpu" };

/** What a child answers: one answer per command, in order; `ready` comes first, by itself. */
export type TransferAnswer =
  | { readonly type: "ready"; readonly self: string }
  | { readonly type: "provided"; readonly ticket: string }
  | { readonly type: "connected" }
  | { readonly type: "fetched"; readonly ms: number; readonly cpuMs: number; readonly bytes: number }
  | { readonly type: "cpu"; readonly ms: number }
  | { readonly type: "failed"; readonly message: string };
