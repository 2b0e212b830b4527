import type { GraphQLError } from 'graphql';
import type { FetchNode, PlanSelection } from '../planning/planner.ts';
import type { SubgraphError, SubgraphResponse } from '../protocol.ts';
import { SubgraphFetchError } from '../transport/subgraph-fetch-error.ts';
import type { Execution } from './execute-plan.ts';
import { fetchedNames } from './fetched-names.ts';
import { mergeInto } from './merge.ts';
import { buildRepresentation } from './representations.ts';
import { applyRewrites } from './rewrites.ts';
import { commonPath, errorPath, renamePath, toClientError, toFetchFailure } from './subgraph-errors.ts';
import type { Target } from './targets.ts';
import { type DataMap, isMap, type ResponsePath } from './values.ts';

/**
 * Runs one fetch for all targets and merges its answer into them. Never rejects: failures go to the error log, what an
 * answer does to us included (one nested a hundred thousand deep overflows the stack).
 */
export async function executeFetch(
  execution: Execution,
  fetch: FetchNode,
  targets: readonly Target[],
): Promise<void> {
  if (targets.length === 0) return;
  try {
    if (fetch.requires) await fetchEntities(execution, fetch, fetch.requires, targets);
    else await fetchRoot(execution, fetch, targets);
  } catch (error) {
    fail(
      execution,
      fetch,
      new SubgraphFetchError('SUBGRAPH_INVALID_RESPONSE', fetch.serviceName, error),
      targets,
    );
  }
}

async function fetchRoot(execution: Execution, fetch: FetchNode, targets: readonly Target[]): Promise<void> {
  const response = await send(execution, fetch, variablesOf(execution, fetch), targets);
  if (!response) return;
  for (const error of response.errors ?? []) {
    const path = errorPath(error);
    if (!path)
      reportWhole(execution, fetch, targets, (place) => toClientError(error, fetch.serviceName, place));
    else
      for (const target of targets)
        report(execution, fetch, error, [...target.path, ...renamePath(path, fetch)]);
  }
  if (!isMap(response.data)) return;
  applyRewrites(fetch.outputRewrites, response.data, execution.isOfType);
  const answered = onlyAsked(fetch, response.data);
  for (const target of targets) mergeInto(target.value, answered);
}

async function fetchEntities(
  execution: Execution,
  fetch: FetchNode,
  requires: readonly PlanSelection[],
  targets: readonly Target[],
): Promise<void> {
  const { representations, receivers } = represent(execution, fetch, requires, targets);
  if (representations.length === 0) return;
  const waiting = receivers.flat();
  const response = await send(
    execution,
    fetch,
    { ...variablesOf(execution, fetch), representations },
    waiting,
  );
  if (!response) return;

  for (const error of response.errors ?? []) {
    const [root, index, ...rest] = errorPath(error) ?? [];
    const places = root === '_entities' && typeof index === 'number' ? receivers[index] : undefined;
    if (!places) {
      reportWhole(execution, fetch, waiting, (place) => toClientError(error, fetch.serviceName, place));
      continue;
    }
    // One representation may stand for several places of the response: the error belongs to each of them.
    for (const target of places)
      report(execution, fetch, error, [...target.path, ...renamePath(rest, fetch)]);
  }
  if (!isMap(response.data)) return;

  const entities = response.data._entities;
  if (!Array.isArray(entities) || entities.length !== representations.length) {
    // No list, but errors: the failure has been reported already.
    if (!response.errors?.length || (entities ?? null) !== null)
      refuse(execution, fetch, waiting, `_entities is not a list of ${representations.length}`);
    return;
  }
  for (const [index, entity] of entities.entries()) {
    if (entity === null || entity === undefined) continue;
    if (!isMap(entity)) {
      refuse(execution, fetch, receivers[index]!, 'an entity is not a map');
      continue;
    }
    applyRewrites(fetch.outputRewrites, entity, execution.isOfType);
    const answered = onlyAsked(fetch, entity);
    for (const target of receivers[index]!) mergeInto(target.value, answered);
  }
}

/** What was asked for, of an answer that may hold more: a subgraph must not write into another's fields. */
export function onlyAsked(fetch: FetchNode, answer: DataMap): DataMap {
  const names = fetchedNames(fetch);
  const keys = Object.keys(answer);
  if (keys.every((key) => names.includes(key))) return answer;
  return Object.fromEntries(keys.filter((key) => names.includes(key)).map((key) => [key, answer[key]]));
}

/** Equal representations are sent once; `receivers[i]` are the targets that wait for the i-th entity. */
function represent(
  { isOfType }: Execution,
  fetch: FetchNode,
  requires: readonly PlanSelection[],
  targets: readonly Target[],
): { representations: DataMap[]; receivers: Target[][] } {
  const representations: DataMap[] = [];
  const receivers: Target[][] = [];
  const indexOf = new Map<string, number>();
  for (const target of targets) {
    const representation = buildRepresentation(target.value, requires, isOfType);
    if (!representation) continue;
    applyRewrites(fetch.inputRewrites, representation, isOfType);
    const text = JSON.stringify(representation);
    const index = indexOf.get(text);
    if (index !== undefined) {
      receivers[index]!.push(target);
      continue;
    }
    indexOf.set(text, representations.length);
    representations.push(representation);
    receivers.push([target]);
  }
  return { representations, receivers };
}

async function send(
  execution: Execution,
  fetch: FetchNode,
  variables: DataMap,
  targets: readonly Target[],
): Promise<SubgraphResponse | undefined> {
  try {
    return await execution.send(fetch, {
      query: fetch.operation,
      ...(fetch.operationName !== undefined && { operationName: fetch.operationName }),
      variables,
    });
  } catch (error) {
    const known = error instanceof SubgraphFetchError;
    fail(
      execution,
      fetch,
      known ? error : new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', fetch.serviceName, error),
      targets,
    );
    return undefined;
  }
}

export function fail(
  execution: Execution,
  fetch: FetchNode,
  error: SubgraphFetchError,
  targets: readonly Target[],
): void {
  reportWhole(execution, fetch, targets, (place) => toFetchFailure(error, place));
}

/** What the subgraph answered is of no use for these targets. */
export function refuse(
  execution: Execution,
  fetch: FetchNode,
  targets: readonly Target[],
  why: string | Error,
): void {
  const { serviceName } = fetch;
  fail(
    execution,
    fetch,
    new SubgraphFetchError(
      'SUBGRAPH_INVALID_RESPONSE',
      serviceName,
      why instanceof Error ? why : new Error(why),
    ),
    targets,
  );
}

/** One error for a fetch of which nothing came: it explains every null that the fetch would have filled. */
export function reportWhole(
  { errors, clientPath }: Execution,
  fetch: FetchNode,
  targets: readonly Target[],
  toError: (place: ResponsePath | undefined) => GraphQLError,
): void {
  const names = fetchedNames(fetch).filter((name) => name !== '__typename');
  const above = commonPath(targets);
  const place = targets.length === 1 && names.length === 1 ? [...above, names[0]!] : above;
  for (const target of targets) for (const name of names) errors.explain(clientPath([...target.path, name]));
  errors.report(toError(place.length > 0 ? clientPath(place) : undefined));
}

export function report(
  { errors, clientPath }: Execution,
  fetch: FetchNode,
  error: SubgraphError,
  path: ResponsePath,
): void {
  errors.add(toClientError(error, fetch.serviceName, clientPath(path)));
}

/** As the client gave them: the operation text declares the defaults, and the subgraph coerces by its own schema. */
function variablesOf({ variables }: Execution, fetch: FetchNode): DataMap {
  const used: DataMap = {};
  for (const name of fetch.variableUsages ?? []) {
    if (Object.hasOwn(variables.given, name) && variables.given[name] !== undefined)
      used[name] = variables.given[name];
  }
  return used;
}
