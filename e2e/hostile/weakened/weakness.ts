import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One piece of the product's source, and what stands there instead. */
export interface Edit {
  /** Path below `packages/`. */
  readonly module: string;
  /** Occurs exactly once in the module. */
  readonly find: string;
  readonly put: string;
}

/** A mechanism taken out. */
export interface Weakness {
  /** What a build without it believes. */
  readonly believes: string;
  readonly edits: readonly Edit[];
}

/**
 * Replaces the texts of a module.
 * @throws Error where one of them does not occur exactly once
 */
export function applyEdits(source: string, edits: readonly Edit[]): string {
  return edits.reduce((text, { module, find, put }) => {
    const [before, after, ...more] = text.split(find);
    if (before === undefined || after === undefined || more.length > 0) {
      throw new Error(`packages/${module} does not hold exactly once: ${find}`);
    }
    return `${before}${put}${after}`;
  }, source);
}

/** The source of a module. @param module - path below `packages/` */
export function readModule(module: string): string {
  return readFileSync(join(import.meta.dirname, "../../../packages", module), "utf8");
}
