import { checkPackedPackages } from "./packed.ts";
import { commandStep } from "./step.ts";
import type { Step } from "./step.ts";

/** Everything that must be clean before a change is done, quickest to fail first. */
export const checks: readonly Step[] = [
  commandStep("format", "oxfmt --check", "run `pnpm format`"),
  commandStep("layers", "turbo boundaries", "import only from layers below (docs/architecture.md)"),
  commandStep("lint", "oxlint --type-aware --deny-warnings", "fix what it names; suppressions are not allowed"),
  commandStep("unused", "knip", "remove what nothing uses, or use it"),
  commandStep("types", "turbo run typecheck --output-logs=errors-only", "fix the errors above"),
  commandStep("build", "turbo run build --output-logs=errors-only", "fix the errors above"),
  { name: "packed", run: checkPackedPackages, hint: "fix `exports`, `files` or `publishConfig` of the package named" },
];
