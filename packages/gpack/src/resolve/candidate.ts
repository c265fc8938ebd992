/** A version of a package that could be installed. */
export interface Candidate {
  readonly id: string;
  readonly publisher: string;
  readonly version: string;
  /** `id` or `publisher/id` → semver range, as its manifest says. */
  readonly dependencies: Readonly<Record<string, string>>;
  /** The range of ggen versions that it works with. */
  readonly ggenCompat?: string;
}

/** A package that is asked for: by the user, or by another package. */
export interface DependencyRef {
  readonly id: string;
  /** As written: an id, a prefix or a nickname. */
  readonly publisher?: string;
}

/** A package that the user asks for. */
export interface RootRequirement extends DependencyRef {
  /** A semver range; any version when absent. */
  readonly range?: string;
}

/** A version that was chosen before, and is chosen again where it still fits. */
export interface LockedChoice {
  readonly id: string;
  readonly publisher: string;
  readonly version: string;
}
