import type { Composition, CompositionFault, CompositionOutcome, SubgraphInput } from './compose.ts';
import type { SubgraphDefinition } from './subgraph.ts';

export interface Refusal {
  readonly subgraph: SubgraphDefinition;
  readonly faults: readonly CompositionFault[];
}

export interface Admission {
  /** What composes now. Undefined when no change could be taken. */
  readonly composition: Composition | undefined;
  /** The subgraphs it is made of. */
  readonly subgraphs: readonly SubgraphDefinition[];
  readonly refused: readonly Refusal[];
}

type Compose = (subgraphs: readonly SubgraphInput[]) => Promise<CompositionOutcome>;

/** Up to this many changes, each is left out once to find the one that spoils the rest. */
const LEAVE_ONE_OUT_LIMIT = 16;

/**
 * Takes as many changes over a base that composes as compose together, refusing as few as can be told:
 * all at once; without those that composition blames by name; without any single one; one by one.
 * Deterministic in the order of `changes`.
 */
export async function admit(
  base: readonly SubgraphDefinition[],
  changes: readonly SubgraphDefinition[],
  composeInputs: Compose,
): Promise<Admission> {
  const attempt = async (taken: readonly SubgraphDefinition[]): Promise<Attempt> => {
    const subgraphs = overlay(base, taken);
    return { subgraphs, outcome: await composeInputs(subgraphs.map(toInput)) };
  };

  const refused: Refusal[] = [];
  let candidates = changes;
  let whole = await attempt(candidates);
  while ('faults' in whole.outcome) {
    const { faults } = whole.outcome;
    const blamed = candidates.filter(({ name }) => faults.some((fault) => fault.subgraph === name));
    const guilty = blamed.length > 0 ? blamed : candidates.length === 1 ? candidates : [];
    if (guilty.length === 0) return leaveOut(base, candidates, faults, refused, attempt);
    for (const subgraph of guilty) refused.push({ subgraph, faults: faultsOf(subgraph, faults) });
    candidates = candidates.filter((candidate) => !guilty.includes(candidate));
    if (candidates.length === 0) return { composition: undefined, subgraphs: base, refused };
    whole = await attempt(candidates);
  }
  return { composition: whole.outcome, subgraphs: whole.subgraphs, refused };
}

interface Attempt {
  readonly subgraphs: readonly SubgraphDefinition[];
  readonly outcome: CompositionOutcome;
}

async function leaveOut(
  base: readonly SubgraphDefinition[],
  changes: readonly SubgraphDefinition[],
  faults: readonly CompositionFault[],
  refused: Refusal[],
  attempt: (taken: readonly SubgraphDefinition[]) => Promise<Attempt>,
): Promise<Admission> {
  for (const subgraph of changes.length <= LEAVE_ONE_OUT_LIMIT ? changes : []) {
    const { subgraphs, outcome } = await attempt(changes.filter((change) => change !== subgraph));
    if (!('faults' in outcome))
      return { composition: outcome, subgraphs, refused: [...refused, { subgraph, faults }] };
  }

  let taken: readonly SubgraphDefinition[] = [];
  let composition: Composition | undefined;
  let rest = changes;
  const lastFaults = new Map<SubgraphDefinition, readonly CompositionFault[]>();
  // A change may need another that comes after it: go round again as long as something was taken.
  for (let progress = true; progress; ) {
    progress = false;
    for (const change of rest) {
      const { outcome } = await attempt([...taken, change]);
      if ('faults' in outcome) {
        lastFaults.set(change, outcome.faults);
        continue;
      }
      taken = [...taken, change];
      composition = outcome;
      progress = true;
    }
    rest = rest.filter((change) => !taken.includes(change));
  }
  const spoilt = rest.map((subgraph) => ({ subgraph, faults: lastFaults.get(subgraph) ?? faults }));
  return { composition, subgraphs: overlay(base, taken), refused: [...refused, ...spoilt] };
}

function overlay(
  base: readonly SubgraphDefinition[],
  changes: readonly SubgraphDefinition[],
): readonly SubgraphDefinition[] {
  const byName = new Map([...base, ...changes].map((subgraph) => [subgraph.name, subgraph]));
  // Sorted, so that the same subgraphs give the same supergraph, byte by byte, on every gateway.
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function faultsOf(
  subgraph: SubgraphDefinition,
  faults: readonly CompositionFault[],
): readonly CompositionFault[] {
  const own = faults.filter((fault) => fault.subgraph === subgraph.name);
  return own.length > 0 ? own : faults;
}

function toInput({ name, sdl, route }: SubgraphDefinition): SubgraphInput {
  return { name, sdl, url: route.kind === 'http' ? route.url : `moleculer:${route.service}` };
}
