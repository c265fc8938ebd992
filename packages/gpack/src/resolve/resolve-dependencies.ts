import { parseRange, type VersionRange } from "../version/versions.ts";
import { createBudget } from "./budget.ts";
import type { Candidate, DependencyRef, LockedChoice, RootRequirement } from "./candidate.ts";
import { explainConflict, explainGivingUp } from "./explain.ts";
import { dependenciesFirst } from "./order.ts";
import { accepts, isCompatible, newestFirst, releaseKey, type Requirement, wantedBy } from "./requirement.ts";

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
/** Most versions of one package that are looked at, the newest ones. */
const maxOffers = 1000;

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
  const { candidates, maxSteps = defaultMaxSteps } = options;
  const budget = createBudget(maxSteps, options.signal);
  const locked = new Map((options.locked ?? []).map((choice) => [choice.id.toLowerCase(), releaseKey(choice)]));
  const known = new Map<string, Pick<Requirement<C>, "offers" | "offered">>();
  const chosen = new Map<string, C>();
  const queue: Requirement<C>[] = [];

  const lookUp = async (ref: DependencyRef, key: string): Promise<Pick<Requirement<C>, "offers" | "offered">> => {
    const asked = `${ref.publisher ?? ""}/${key}`;
    const before = known.get(asked);
    if (before !== undefined) return before;
    const offers = (await candidates(ref))
      .filter(({ id }) => id.toLowerCase() === key)
      .sort(newestFirst)
      .slice(0, maxOffers);
    const found = { offers, offered: new Set(offers.map(releaseKey)) };
    known.set(asked, found);
    return found;
  };

  const require = async (ref: DependencyRef, range: VersionRange, by: string | undefined): Promise<Requirement<C>> => {
    await budget.step();
    const key = ref.id.toLowerCase();
    return { key, ref, range, by, ...(await lookUp(ref, key)) };
  };

  const requirementsOf = (key: string): readonly Requirement<C>[] => queue.filter((other) => other.key === key);

  const optionsFor = (key: string, active: readonly Requirement<C>[]): readonly C[] => {
    const offers = active[0]?.offers ?? [];
    budget.compare(offers.length * active.length);
    const fitting = offers.filter(
      (offer) => isCompatible(offer) && active.every((requirement) => accepts(requirement, offer)),
    );
    const lock = locked.get(key);
    const isLocked = (offer: C): boolean => releaseKey(offer) === lock;
    return [...fitting.filter(isLocked), ...fitting.filter((offer) => !isLocked(offer))];
  };

  // Whether the queue from `from` on, and all that follows from it, can be satisfied; leaves the choices if so.
  const solve = async (from: number): Promise<boolean> => {
    let at = from;
    while (at < queue.length && chosen.has(queue[at]?.key ?? "")) at += 1;
    const requirement = queue[at];
    if (requirement === undefined) return true;
    if (chosen.size >= maxPackages) throw explainGivingUp(`${maxPackages} packages`, budget.firstConflict);
    const active = requirementsOf(requirement.key);
    const fitting = optionsFor(requirement.key, active);
    if (fitting.length === 0) budget.note(explainConflict(active));
    for (const option of fitting) {
      if (await tryOption(at, requirement.key, option)) return true;
    }
    return false;
  };

  const tryOption = async (at: number, key: string, option: C): Promise<boolean> => {
    await budget.step();
    const wanted = wantedBy(option);
    if (wanted === undefined) return false;
    const before = queue.length;
    chosen.set(key, option);
    let clash: string | undefined;
    for (const { ref, range } of wanted) {
      const added = await require(ref, range, `${option.id}@${option.version}`);
      queue.push(added);
      const other = chosen.get(added.key);
      if (other !== undefined && !accepts(added, other)) clash ??= added.key;
    }
    if (clash !== undefined) budget.note(explainConflict(requirementsOf(clash)));
    else if (await solve(at + 1)) return true;
    queue.length = before;
    chosen.delete(key);
    return false;
  };

  return {
    require,
    async run(roots) {
      queue.push(...roots);
      if (await solve(0)) return chosen;
      throw budget.firstConflict ?? explainGivingUp("what the manifests of the candidates allow", undefined);
    },
  };
}
