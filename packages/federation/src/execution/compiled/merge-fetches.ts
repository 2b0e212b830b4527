import { type DocumentNode, Kind, type OperationDefinitionNode, parse, visit } from 'graphql';
import type { FetchNode } from '../../planning/planner.ts';
import { printCompact } from '../../planning/print-compact.ts';
import type { ResponsePath } from '../values.ts';
import type { PlacedFetch, Wave } from './waves.ts';

/** One list of representations and what is asked of them, at one or several paths. */
export interface EntityPart {
  readonly fetch: FetchNode;
  readonly paths: readonly ResponsePath[];
  /** Response name of its `_entities`. */
  readonly alias: string;
  /** Name of its variable. */
  readonly variable: string;
}

/** Before it is known which names it has in a request. */
type UnnamedPart = Omit<EntityPart, 'alias' | 'variable'> & { readonly fetches: readonly PlacedFetch[] };

/** One request to one subgraph: a root fetch alone, or entity fetches of one wave under aliases. */
export interface PlannedRequest {
  readonly service: string;
  readonly operation: string;
  readonly operationName: string | undefined;
  readonly variables: readonly string[];
  /** The root fetch; exactly one of this and `parts`. */
  readonly root: PlacedFetch | undefined;
  readonly parts: readonly EntityPart[];
  /** The plan's fetches that are in it. */
  readonly fetches: readonly PlacedFetch[];
}

/** Puts the entity fetches of a wave that go to one subgraph into one request. Equal ones share a list. */
export function mergeFetches(wave: Wave): readonly PlannedRequest[] {
  const requests: PlannedRequest[] = [];
  const groups = new Map<string, PlacedFetch[]>();
  for (const placed of wave) {
    const { fetch } = placed;
    if (!fetch.requires) requests.push(rootRequest(placed));
    else if (groups.has(fetch.serviceName)) groups.get(fetch.serviceName)!.push(placed);
    else groups.set(fetch.serviceName, [placed]);
  }
  for (const group of groups.values()) {
    const parts = toParts(group);
    const merged = parts.length > 1 ? mergedRequest(parts, group) : undefined;
    if (merged) requests.push(merged);
    else for (const part of parts) requests.push(entityRequest(part));
  }
  return requests;
}

/** A fetch by itself. */
export const soleRequest = (placed: PlacedFetch): PlannedRequest =>
  placed.fetch.requires ? entityRequest(toParts([placed])[0]!) : rootRequest(placed);

function rootRequest(placed: PlacedFetch): PlannedRequest {
  const { serviceName, operation, operationName, variableUsages = [] } = placed.fetch;
  return {
    service: serviceName,
    operation,
    operationName,
    variables: variableUsages,
    root: placed,
    parts: [],
    fetches: [placed],
  };
}

function entityRequest(part: UnnamedPart): PlannedRequest {
  const { serviceName, operation, operationName, variableUsages = [] } = part.fetch;
  const parts = [{ ...part, alias: '_entities', variable: 'representations' }];
  return {
    service: serviceName,
    operation,
    operationName,
    variables: variableUsages,
    root: undefined,
    parts,
    fetches: part.fetches,
  };
}

/** Fetches that ask the same of entities known by the same fields become one part. */
function toParts(group: readonly PlacedFetch[]): UnnamedPart[] {
  const parts = new Map<string, UnnamedPart & { paths: ResponsePath[]; fetches: PlacedFetch[] }>();
  for (const placed of group) {
    const { fetch, path } = placed;
    const { requires, inputRewrites, outputRewrites } = fetch;
    const body = fetch.operation.slice(fetch.operation.indexOf('{'));
    const key = JSON.stringify([body, requires, inputRewrites, outputRewrites]);
    const known = parts.get(key);
    if (!known) parts.set(key, { fetch, paths: [path], fetches: [placed] });
    else {
      known.fetches.push(placed);
      if (!known.paths.some((other) => samePath(other, path))) known.paths.push(path);
    }
  }
  return [...parts.values()];
}

const samePath = (a: ResponsePath, b: ResponsePath): boolean =>
  a.length === b.length && a.every((step, index) => step === b[index]);

/** Undefined when an operation is more than the planner's usual `query ($representations …) { _entities … }`. */
function mergedRequest(
  parts: readonly UnnamedPart[],
  fetches: readonly PlacedFetch[],
): PlannedRequest | undefined {
  const operations = parts.map(({ fetch }) => soleOperation(parse(fetch.operation, { noLocation: true })));
  if (!operations.every((operation) => operation !== undefined)) return undefined;
  const [first] = operations;
  const variables = new Set(parts.flatMap(({ fetch }) => fetch.variableUsages ?? []));
  const aliased: EntityPart[] = parts.map((part, index) => {
    let variable = `representations_${index}`;
    while (variables.has(variable)) variable += '_';
    return { ...part, alias: `_entities_${index}`, variable };
  });
  const definitions = new Map<string, NonNullable<OperationDefinitionNode['variableDefinitions']>[number]>();
  const selections = operations.flatMap((operation, index) => {
    const { alias, variable } = aliased[index]!;
    const renamed = renameRepresentations(operation, variable);
    for (const definition of renamed.variableDefinitions ?? [])
      definitions.set(definition.variable.name.value, definition);
    return renamed.selectionSet.selections.map((selection) =>
      selection.kind === Kind.FIELD
        ? { ...selection, alias: { kind: Kind.NAME, value: alias } as const }
        : selection,
    );
  });
  const operation: OperationDefinitionNode = {
    ...first!,
    variableDefinitions: [...definitions.values()],
    selectionSet: { kind: Kind.SELECTION_SET, selections },
  };
  return {
    service: parts[0]!.fetch.serviceName,
    operation: printCompact(operation),
    operationName: first!.name?.value,
    variables: [...variables],
    root: undefined,
    parts: aliased,
    fetches,
  };
}

function soleOperation({ definitions }: DocumentNode): OperationDefinitionNode | undefined {
  const [operation] = definitions;
  if (definitions.length !== 1 || operation?.kind !== Kind.OPERATION_DEFINITION) return undefined;
  const [selection] = operation.selectionSet.selections;
  const usual =
    operation.selectionSet.selections.length === 1 &&
    selection?.kind === Kind.FIELD &&
    selection.name.value === '_entities' &&
    !selection.alias &&
    !selection.directives?.length &&
    !operation.directives?.length;
  return usual ? operation : undefined;
}

function renameRepresentations(operation: OperationDefinitionNode, name: string): OperationDefinitionNode {
  return visit(operation, {
    Variable: (variable) =>
      variable.name.value === 'representations'
        ? { ...variable, name: { ...variable.name, value: name } }
        : undefined,
  });
}
