/** Limits on what nobody writes and some part of the work is quadratic or worse in. Not for configuring. */
import {
  type ASTNode,
  type DocumentNode,
  type GraphQLError,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql';
import { codedError } from '../coded-error.ts';

/** Lists inside each other in one argument. The planner takes twice the time for each: 20 levels are 1.5 s, 30 half an hour. */
const MAX_LIST_DEPTH = 8;

/** Fields of one response name beside each other, and fragments spread beside each other: validation compares each with each. */
const MAX_REPEATS = 100;

/** @throws GraphQLError OPERATION_TOO_COMPLEX, `limit: "listDepth"`. */
export function refuseDeepLists(document: DocumentNode): void {
  let depth = 0;
  visit(document, {
    ListValue: {
      enter: (node) => {
        depth++;
        if (depth > MAX_LIST_DEPTH)
          throw tooMuch(
            'listDepth',
            MAX_LIST_DEPTH,
            `A list is nested more than ${MAX_LIST_DEPTH} levels deep.`,
            node,
          );
      },
      leave: () => {
        depth--;
      },
    },
  });
}

/** @throws GraphQLError OPERATION_TOO_COMPLEX, `limit: "repeats"`. */
export function refuseRepeats(document: DocumentNode): void {
  for (const definition of document.definitions)
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION)
      countRepeats(definition.selectionSet, new Map());
}

/** @param counts of the response names of one object, inline fragments' included. */
function countRepeats({ selections }: SelectionSetNode, counts: Map<string, number>): void {
  for (const selection of selections) {
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      countRepeats(selection.selectionSet, counts);
      continue;
    }
    const name = selection.kind === Kind.FIELD ? (selection.alias ?? selection.name).value : '...';
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    if (count > MAX_REPEATS)
      throw tooMuch(
        'repeats',
        MAX_REPEATS,
        `A field is selected, or fragments are spread, more than ${MAX_REPEATS} times in one place.`,
        selection,
      );
    if (selection.kind === Kind.FIELD && selection.selectionSet)
      countRepeats(selection.selectionSet, new Map());
  }
}

const tooMuch = (limit: string, max: number, message: string, node: ASTNode): GraphQLError =>
  codedError('OPERATION_TOO_COMPLEX', message, node, { extensions: { limit, max } });
