import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { codedError } from '../coded-error.ts';
import { refuseDeepLists, refuseRepeats } from './shape-limits.ts';

/** What one document may ask for. Counted with every fragment expanded, as the planner and the executor will see it. */
export interface OperationLimits {
  /** Lexical tokens of the document; enforced while parsing. */
  readonly maxTokens: number;
  /** Nested fields, `{ a { b } }` is 2. */
  readonly maxDepth: number;
  readonly maxAliases: number;
  readonly maxRootFields: number;
  /** Fragments that the document defines: validation compares them in pairs. */
  readonly maxFragments: number;
  /** Fields after expansion. A 1 KB document of fragments that spread each other twice can expand to millions. */
  readonly maxSelections: number;
}

export const defaultLimits: OperationLimits = {
  maxTokens: 10_000,
  maxDepth: 20,
  maxAliases: 100,
  maxRootFields: 50,
  maxFragments: 200,
  maxSelections: 2_000,
};

interface Size {
  readonly depth: number;
  readonly aliases: number;
  readonly selections: number;
  readonly rootFields: number;
}

const NOTHING: Size = { depth: 0, aliases: 0, selections: 0, rootFields: 0 };

/**
 * Runs before validation and planning, whose time grows with the expanded document. Linear in the document's own
 * length: each fragment is measured once. Every operation of the document counts, not only the one that will run.
 *
 * @throws GraphQLError with code OPERATION_TOO_COMPLEX, naming the limit.
 */
export function checkLimits(document: DocumentNode, limits: OperationLimits): void {
  refuseFragments(document, limits.maxFragments);
  refuseDeepLists(document);
  const measure = createMeasure(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION)
      continue;
    const size = measure(definition.selectionSet);
    refuseAbove('maxDepth', size.depth, limits, definition);
    refuseAbove('maxAliases', size.aliases, limits, definition);
    refuseAbove('maxSelections', size.selections, limits, definition);
    if (definition.kind === Kind.OPERATION_DEFINITION)
      refuseAbove('maxRootFields', size.rootFields, limits, definition);
  }
  refuseRepeats(document);
}

function refuseAbove(
  limit: keyof OperationLimits,
  value: number,
  limits: OperationLimits,
  node: OperationDefinitionNode | FragmentDefinitionNode,
): void {
  if (value > limits[limit]) throw overLimit(limit, limits[limit], node);
}

function refuseFragments({ definitions }: DocumentNode, max: number): void {
  let count = 0;
  for (const definition of definitions)
    if (definition.kind === Kind.FRAGMENT_DEFINITION && ++count > max)
      throw overLimit('maxFragments', max, definition);
}

const overLimit = (limit: keyof OperationLimits, max: number, node: ASTNode): GraphQLError =>
  codedError('OPERATION_TOO_COMPLEX', `The operation is over the limit ${limit}: ${max}.`, node, {
    extensions: { limit, max },
  });

function createMeasure(document: DocumentNode): (selectionSet: SelectionSetNode) => Size {
  const fragments = new Map<string, SelectionSetNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition.selectionSet);
  }
  const sizes = new Map<string, Size>();

  const spread = (name: string): Size => {
    const known = sizes.get(name);
    if (known) return known;
    const selectionSet = fragments.get(name);
    if (!selectionSet) return NOTHING;
    // A fragment that reaches itself counts as nothing here: validation refuses it.
    sizes.set(name, NOTHING);
    const size = measure(selectionSet);
    sizes.set(name, size);
    return size;
  };

  const measure = (selectionSet: SelectionSetNode): Size => {
    let { depth, aliases, selections, rootFields } = NOTHING;
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) {
        const inner = selection.selectionSet ? measure(selection.selectionSet) : NOTHING;
        depth = Math.max(depth, 1 + inner.depth);
        aliases += (selection.alias ? 1 : 0) + inner.aliases;
        selections += 1 + inner.selections;
        rootFields += 1;
      } else {
        const inner =
          selection.kind === Kind.INLINE_FRAGMENT
            ? measure(selection.selectionSet)
            : spread(selection.name.value);
        depth = Math.max(depth, inner.depth);
        aliases += inner.aliases;
        selections += inner.selections;
        rootFields += inner.rootFields;
      }
    }
    return { depth, aliases, selections, rootFields };
  };
  return measure;
}
