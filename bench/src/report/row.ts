/** What a figure is measured in. */
export type Unit = "ms" | "KB" | "MB" | "MB/s" | "%" | "×";

/** What was promised for a figure. */
export interface Target {
  readonly limit: number;
  readonly better: "lower" | "higher";
}

/** The same thing done by something else, measured in the same run. */
export interface Rival {
  readonly name: string;
  readonly value: number;
}

/** One line of the table. */
export interface Row {
  readonly figure: string;
  /** Under which condition, so that it can be repeated. */
  readonly condition: string;
  /** Median of the samples. */
  readonly value: number;
  readonly unit: Unit;
  readonly samples: number;
  readonly target?: Target;
  readonly rival?: Rival;
}

/** A figure that this machine cannot measure. */
export interface UnmeasuredRow {
  readonly figure: string;
  readonly unmeasured: string;
}

/** Whether a row has missed its target; false without one. */
export function isMissed(row: Row): boolean {
  if (row.target === undefined) return false;
  return row.target.better === "lower" ? row.value >= row.target.limit : row.value <= row.target.limit;
}
