import { abstractTypes, createTypeConditions, type TypeConditions } from '../../execution/type-conditions.ts';
import type { ParallelNode, PlanNode, SequenceNode } from '../planner.ts';
import type { Cure } from './cure.ts';
import { type Place, type PlanPath, placesFilled, placesNeeded } from './places.ts';

/** A fetch in its plan. */
interface Leaf {
  /** The Sequences and Parallels above it, from the top down, each with the number of the child it is in. */
  readonly trail: ReadonlyArray<{ readonly node: SequenceNode | ParallelNode; readonly child: number }>;
  readonly needed: readonly Place[];
  readonly filled: readonly Place[];
}

/** Child → the children of the same node that must come before it. */
type Orders = Map<SequenceNode | ParallelNode, Map<number, Set<number>>>;

/**
 * Fault: now and then the planner puts an entity fetch before the one that brings what it requires. Seen (2.14) with a
 * `@requires` of two fields, one of which is a key in other subgraphs, asked for below two aliases of one field. The
 * fetch then finds nothing that it could be sent for, and its fields are null.
 *
 * Cure: what is out of order moves, no further than it must. A plan in order stays the very same.
 */
export const fetchOrder: Cure = (supergraph) => {
  const isOfType = createTypeConditions(abstractTypes(supergraph));
  return { plan: (plan) => plan && orderByNeeds(plan, isOfType) };
};

export function orderByNeeds(plan: PlanNode, isOfType: TypeConditions): PlanNode {
  const leaves: Leaf[] = [];
  addLeaves(plan, [], [], leaves);
  if (leaves.length < 3) return plan;

  const fillers = Map.groupBy(
    leaves.flatMap((leaf) => leaf.filled.map((place) => ({ ...place, leaf }))),
    ({ path }) => path,
  );
  const mayBeSame = (a: string | undefined, b: string | undefined): boolean =>
    a === undefined || b === undefined || isOfType(a, b) || isOfType(b, a);
  const orders: Orders = new Map();
  let disorder = false;
  for (const leaf of leaves) {
    for (const { path, type } of leaf.needed) {
      const bringing = new Set(
        (fillers.get(path) ?? [])
          .filter((filler) => filler.leaf !== leaf && mayBeSame(filler.type, type))
          .map((filler) => filler.leaf),
      );
      const before = [...bringing].filter((other) => isBefore(other, leaf));
      if (before.length === 0 && bringing.size > 0) disorder = true;
      for (const first of before.length > 0 ? before : bringing) addOrder(orders, first, leaf);
    }
  }
  return disorder ? reorder(plan, orders) : plan;
}

function addLeaves(node: PlanNode, path: PlanPath, trail: Leaf['trail'], leaves: Leaf[]): void {
  switch (node.kind) {
    case 'Fetch':
      leaves.push({ trail, needed: placesNeeded(node, path), filled: placesFilled(node, path) });
      return;
    case 'Flatten':
      addLeaves(node.node, [...path, ...node.path], trail, leaves);
      return;
    case 'Sequence':
    case 'Parallel':
      for (const [child, inner] of node.nodes.entries())
        addLeaves(inner, path, [...trail, { node, child }], leaves);
      return;
    // Conditions are resolved before planning.
    case 'Condition':
  }
}

/** Where the ways down to two fetches part. */
function parting(a: Leaf, b: Leaf) {
  const depth = a.trail.findIndex((step, index) => step.child !== b.trail[index]?.child);
  return { node: a.trail[depth]!.node, a: a.trail[depth]!.child, b: b.trail[depth]!.child };
}

function isBefore(first: Leaf, second: Leaf): boolean {
  const { node, a, b } = parting(first, second);
  return node.kind === 'Sequence' && a < b;
}

function addOrder(orders: Orders, first: Leaf, second: Leaf): void {
  const { node, a, b } = parting(first, second);
  const ofNode = orders.get(node) ?? new Map<number, Set<number>>();
  orders.set(node, ofNode);
  ofNode.set(b, (ofNode.get(b) ?? new Set()).add(a));
}

function reorder(node: PlanNode, orders: Orders): PlanNode {
  if (node.kind === 'Flatten') return { ...node, node: reorder(node.node, orders) };
  if (node.kind !== 'Sequence' && node.kind !== 'Parallel') return node;
  const after = orders.get(node) ?? new Map<number, Set<number>>();
  const nodes = node.nodes.map((inner) => reorder(inner, orders));
  const left = new Set(nodes.keys());
  const rounds: PlanNode[] = [];
  while (left.size > 0) {
    const ready = [...left].filter(
      (child) => ![...(after.get(child) ?? [])].some((first) => left.has(first)),
    );
    // A ring cannot be served in any order: as the planner had it.
    if (ready.length === 0) ready.push(...left);
    const round = node.kind === 'Sequence' ? ready.slice(0, 1) : ready;
    for (const child of round) left.delete(child);
    const [only] = round;
    rounds.push(
      round.length === 1 ? nodes[only!]! : { kind: 'Parallel', nodes: round.map((child) => nodes[child]!) },
    );
  }
  return rounds.length === 1 ? rounds[0]! : { kind: 'Sequence', nodes: rounds };
}
