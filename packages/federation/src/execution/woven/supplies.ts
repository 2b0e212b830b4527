import { Kind, type SelectionSetNode } from 'graphql';
import type { ResponsePath } from '../values.ts';
import type { ResponseField, ResponseNode, ResponseTree } from './response-tree.ts';

/** What one fetch answers for the objects of a node, in the order in which it answers. */
export interface Supply {
  readonly fields: readonly SuppliedField[];
}

export interface SuppliedField {
  readonly name: string;
  /** Undefined for what only other fetches need. */
  readonly field: ResponseField | undefined;
  /** `__typename`, by whatever name: nobody keeps it. */
  readonly isTypename: boolean;
  /** Of an object. */
  readonly supply: Supply | undefined;
}

/** Who brings what to each node. */
export interface Supplies {
  /** By node: the supply that brings the objects, then those that fill them. */
  of(node: ResponseNode): readonly Supply[];
  /** Records what a fetch answers for the objects of a node. Undefined when it has more in it than fields brought once. */
  add(node: ResponseNode, selections: SelectionSetNode): Supply | undefined;
  /** Is there exactly one that brings each field of the tree? */
  areWhole(): boolean;
}

export function createSupplies({ nodes }: ResponseTree): Supplies {
  const byNode = new Map<ResponseNode, Supply[]>(nodes.map((node) => [node, []]));
  const brought = new Set<ResponseField>();

  const toSupply = (node: ResponseNode, { selections }: SelectionSetNode): Supply | undefined => {
    const fields: SuppliedField[] = [];
    for (const selection of selections) {
      if (selection.kind !== Kind.FIELD || selection.directives?.length) return undefined;
      const name = selection.alias?.value ?? selection.name.value;
      const field = node.fields.find((candidate) => candidate.name === name);
      const isTypename = selection.name.value === '__typename';
      if (fields.some((other) => other.name === name)) return undefined;
      if (isTypename || (!field && !selection.selectionSet)) {
        if (isTypename && field && field.kind !== 'typename') return undefined;
        fields.push({ name, field, isTypename, supply: undefined });
        continue;
      }
      // Brought twice, it would have to be merged, and an answer's null must not replace another's value.
      if (!field || field.kind === 'typename' || brought.has(field)) return undefined;
      brought.add(field);
      const { selectionSet } = selection;
      if ((selectionSet !== undefined) !== (field.node !== undefined)) return undefined;
      const supply = selectionSet && field.node ? toSupply(field.node, selectionSet) : undefined;
      if (selectionSet && !supply) return undefined;
      fields.push({ name, field, isTypename: false, supply });
    }
    const supply = { fields };
    byNode.get(node)!.push(supply);
    return supply;
  };

  return {
    of: (node) => byNode.get(node)!,
    add: toSupply,
    areWhole: () =>
      nodes.every(({ fields }) => fields.every((field) => field.kind === 'typename' || brought.has(field))),
  };
}

/** The node at a Flatten path. Undefined where the path goes through something the client did not ask for. */
export function nodeAt(root: ResponseNode, path: ResponsePath): ResponseNode | undefined {
  let node: ResponseNode | undefined = root;
  for (const step of path) {
    if (step === '@') continue;
    node = node?.fields.find(({ name }) => name === step)?.node;
  }
  return node;
}
