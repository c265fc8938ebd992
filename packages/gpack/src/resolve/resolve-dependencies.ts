import type { GgenError } from "@ggen/p2p-types";

import { checkAborted } from "../storage/fs-errors.ts";
import { parseRange, type VersionRange } from "../version/versions.ts";
import type { Candidate, DependencyRef, LockedChoice, RootRequirement } from "./candidate.ts";
import { explainConflict, explainGivingUp } from "./explain.ts";
import { dependenciesFirst } from "./order.ts";
import { accepts, isCompatible, isSameVersion, newestFirst, type Requirement, wantedBy } from "./requirement.ts";

/** What is to be resolved. */
export interface ResolveOptions<C extends Candidate> {
  readonly roots: readonly RootRequirement[];
  /**
   * Every installable version that a reference stands for, in any order; none when there is none. Asked once for each
   * reference. What it throws ends the resolution.
   */
  readonly candidates: (ref: DependencyRef) => Promise<readonly C[]>;
  /** Choices to keep where they fit. */
  readonly locked?: readonly LockedChoice[];
  /** Most choices and requirements that are looked at, 10,000 when absent: what bounds a hostile graph. */
  readonly maxSteps?: number;
  readonly signal?: AbortSignal;
}

const defaultMaxSteps = 10_000;
/** Most packages in one solution; also how deep the search nests. */
const maxPackages = 1000;

/**
 * Chooses one version for each package that is needed, such that every range is satisfied: locked versions first, then
 * the newest. Cycles are allowed.
 * @returns the chosen candidates, dependencies before those who need them
 * @throws GgenError `dependency.unresolvable`, `package.not-found`, `package.version-not-found`, `package.incompatible`,
 * `version.invalid`, `aborted`, and what the provider throws
 */
export async function resolveDependencies<C extends Candidate>(options: ResolveOptions<C>): Promise<readonly C[]> {
  const search = createSearch(options);
  const roots: Requirement<C>[] = [];
  for (const { range, ...ref } of options.roots) {
    roots.push(await search.require(ref, parseRange(range ?? "*"), undefined));
  }
  const chosen = await search.run(roots);
  return dependenciesFirst(
    chosen,
    roots.map(({ key }) => key),
  );
}

interface Search<C extends Candidate> {
  require(ref: DependencyRef, range: VersionRange, by: string | undefined): Promise<Requirement<C>>;
  run(roots: readonly Requirement<C>[]): Promise<ReadonlyMap<string, C>>;
}

function createSearch<C extends Candidate>(options: ResolveOptions<C>): Search<C> {
  const { candidates, signal, maxSteps = defaultMaxSteps } = options;
  const locked = new Map((options.locked ?? []).map((choice) => [choice.id.toLowerCase(), choice]));
  const offersOf = new Map<string, Promise<readonly C[]>>();
  const chosen = new Map<string, C>();
  const queue: Requirement<C>[] = [];
  let steps = 0;
  let firstConflict: GgenError | undefined;

  const step = (): void => {
    checkAborted(signal);
    steps += 1;
    if (steps > maxSteps) throw explainGivingUp(`${maxSteps} steps`, firstConflict);
    if (chosen.size > maxPackages) throw explainGivingUp(`${maxPackages} packages`, firstConflict);
  };

  const require = async (ref: DependencyRef, range: VersionRange, by: string | undefined): Promise<Requirement<C>> => {
    step();
    const key = ref.id.toLowerCase();
    const asked = `${ref.publisher ?? ""}/${key}`;
    const known =
      offersOf.get(asked) ??
      candidates(ref).then((offers) => offers.filter((offer) => offer.id.toLowerCase() === key).sort(newestFirst));
    offersOf.set(asked, known);
    return { key, ref, range, by, offers: await known };
  };

  const fail = (requirements: readonly Requirement<C>[]): false => {
    firstConflict ??= explainConflict(requirements);
    return false;
  };

  const optionsFor = (key: string, active: readonly Requirement<C>[]): readonly C[] => {
    const [first] = active;
    const fitting = (first?.offers ?? []).filter(
      (offer) => isCompatible(offer) && active.every((requirement) => accepts(requirement, offer)),
    );
    const lock = locked.get(key);
    const isLocked = (offer: C): boolean => lock !== undefined && isSameVersion(offer, lock);
    return [...fitting.filter(isLocked), ...fitting.filter((offer) => !isLocked(offer))];
  };

  // Whether requirement `at` of the queue and all that follow from it can be satisfied; leaves the choices if so.
  const solve = async (at: number): Promise<boolean> => {
    const requirement = queue[at];
    if (requirement === undefined) return true;
    step();
    const { key } = requirement;
    if (chosen.has(key)) return solve(at + 1);
    const active = queue.filter((other) => other.key === key);
    const fitting = optionsFor(key, active);
    if (fitting.length === 0) return fail(active);
    for (const option of fitting) {
      if (await tryOption(at, key, option)) return true;
    }
    return false;
  };

  const tryOption = async (at: number, key: string, option: C): Promise<boolean> => {
    step();
    const wanted = wantedBy(option);
    if (wanted === undefined) return false;
    const before = queue.length;
    chosen.set(key, option);
    let clash = false;
    for (const { ref, range } of wanted) {
      const added = await require(ref, range, `${option.id}@${option.version}`);
      queue.push(added);
      const other = chosen.get(added.key);
      clash ||= other !== undefined && !accepts(added, other) && !fail(queue.filter((next) => next.key === added.key));
    }
    if (!clash && (await solve(at + 1))) return true;
    queue.length = before;
    chosen.delete(key);
    return false;
  };

  return {
    require,
    async run(roots) {
      queue.push(...roots);
      if (await solve(0)) return chosen;
      throw firstConflict ?? explainGivingUp("the versions that can be understood", undefined);
    },
  };
}
