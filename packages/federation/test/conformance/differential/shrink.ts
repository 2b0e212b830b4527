import {
  type DocumentNode,
  Kind,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { RandomOperation } from './random-operation.ts';

/** The smallest operation to be found by taking away, one piece after the other, for which `fails` still holds. */
export async function shrink(
  operation: RandomOperation,
  fails: (smaller: RandomOperation) => Promise<boolean>,
): Promise<RandomOperation> {
  let smallest = operation;
  for (let found = true; found; ) {
    found = false;
    for (const candidate of candidates(smallest)) {
      if (!(await fails(candidate))) continue;
      smallest = candidate;
      found = true;
      break;
    }
  }
  return smallest;
}

function* candidates({ query, variables }: RandomOperation): Generator<RandomOperation> {
  const document = parse(query, { noLocation: true });
  const sets: SelectionSetNode[] = [];
  visit(document, { SelectionSet: (set) => void sets.push(set) });
  for (const set of sets) {
    for (const [index, selection] of set.selections.entries()) {
      const others = set.selections.toSpliced(index, 1);
      const smaller = [
        ...(others.length > 0 ? [others] : []),
        ...simpler(selection, document).map((instead) => set.selections.toSpliced(index, 1, ...instead)),
      ];
      for (const selections of smaller) {
        const changed = visit(document, {
          SelectionSet: (node) => (node === set ? { ...set, selections } : undefined),
        });
        const tidied = tidy(changed);
        if (tidied !== query) yield { query: tidied, variables };
      }
    }
  }
}

function simpler(selection: SelectionNode, document: DocumentNode): SelectionNode[][] {
  const without: SelectionNode[][] = selection.directives?.length ? [[{ ...selection, directives: [] }]] : [];
  if (selection.kind === Kind.INLINE_FRAGMENT) return [[...selection.selectionSet.selections], ...without];
  if (selection.kind === Kind.FRAGMENT_SPREAD) {
    const fragment = document.definitions.find(
      (definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION && definition.name.value === selection.name.value,
    );
    if (fragment?.kind !== Kind.FRAGMENT_DEFINITION) return without;
    const { typeCondition, selectionSet } = fragment;
    return [[{ kind: Kind.INLINE_FRAGMENT, typeCondition, selectionSet }], ...without];
  }
  const { alias, ...unnamed } = selection;
  return [
    ...without,
    ...(alias ? [[unnamed]] : []),
    ...(selection.arguments?.length ? [[{ ...selection, arguments: [] }]] : []),
  ];
}

/** Drops fragments and variables that nothing uses any more. */
function tidy(document: DocumentNode): string {
  let text = print(document);
  for (let before = ''; before !== text; ) {
    before = text;
    text = print(
      visit(parse(text, { noLocation: true }), {
        FragmentDefinition: ({ name }) =>
          new RegExp(`\\.\\.\\.${name.value}\\b`).test(before) ? undefined : null,
        VariableDefinition: ({ variable }) =>
          [...before.matchAll(new RegExp(`\\$${variable.name.value}\\b`, 'g'))].length > 1 ? undefined : null,
      }),
    );
  }
  return text;
}
