import type { Row, UnmeasuredRow } from "./report/row.ts";

/** A scenario measures one or more rows with real processes and leaves nothing behind. */
export interface Scenario {
  /** What `pnpm bench NAME` calls it. */
  readonly name: string;
  /** Takes minutes: runs only when it is named, or with `--check`. */
  readonly onRequest?: true;
  readonly run: () => Promise<readonly (Row | UnmeasuredRow)[]>;
}
