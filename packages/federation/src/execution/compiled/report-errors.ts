/** Errors are rare: only here the places of objects in the response are looked up, by walking to them again. */
import type { FetchNode } from '../../planning/planner.ts';
import type { SubgraphError, SubgraphResponse } from '../../protocol.ts';
import type { SubgraphFetchError } from '../../transport/subgraph-fetch-error.ts';
import { fail, refuse, report, reportWhole } from '../execute-fetch.ts';
import type { Execution } from '../execute-plan.ts';
import { errorPath, renamePath, toClientError } from '../subgraph-errors.ts';
import { type Target, targetsAt } from '../targets.ts';
import { type DataMap, isMap, type ResponsePath } from '../values.ts';
import type { Asked } from './representation-list.ts';
import type { PlacedFetch } from './waves.ts';

/** Objects that a fetch was sent for, by the representation that stands for them. */
export interface Places {
  readonly fetch: FetchNode;
  readonly paths: readonly ResponsePath[];
  readonly targets: ReadonlyArray<readonly DataMap[]>;
}

/** Nothing came of a request: each of its fetches failed. */
export function reportRequestFailure(
  execution: Execution,
  data: DataMap,
  places: readonly Places[],
  error: SubgraphFetchError,
): void {
  for (const place of places) {
    const located = locate(data, place).flat();
    if (located.length > 0) fail(execution, place.fetch, error, located);
  }
}

export function reportRootErrors(
  execution: Execution,
  data: DataMap,
  { fetch, path }: PlacedFetch,
  errors: readonly SubgraphError[],
): void {
  const targets = targetsAt([{ value: data, path: [] }], path);
  for (const error of errors) {
    const inside = errorPath(error);
    if (!inside)
      reportWhole(execution, fetch, targets, (place) => toClientError(error, fetch.serviceName, place));
    else
      for (const target of targets)
        report(execution, fetch, error, [...target.path, ...renamePath(inside, fetch)]);
  }
}

export function reportEntityErrors(
  execution: Execution,
  data: DataMap,
  asked: readonly Asked[],
  response: SubgraphResponse,
): void {
  const errors = response.errors ?? [];
  for (const { part, targets } of asked) {
    if (targets.length === 0) continue;
    const { fetch, alias } = part;
    const located = locate(data, { fetch, paths: part.paths, targets });
    let told = false;
    for (const error of errors) {
      const [root, index, ...rest] = errorPath(error) ?? [];
      const places = root === alias && typeof index === 'number' ? located[index] : undefined;
      if (places) {
        for (const target of places)
          report(execution, fetch, error, [...target.path, ...renamePath(rest, fetch)]);
      } else if (!asked.some(({ part: other }) => other !== part && other.alias === root)) {
        reportWhole(execution, fetch, located.flat(), (place) =>
          toClientError(error, fetch.serviceName, place),
        );
      } else continue;
      told = true;
    }
    const entities = (isMap(response.data) ? response.data[alias] : undefined) ?? null;
    if (Array.isArray(entities) && entities.length === targets.length) continue;
    if (told && entities === null) continue;
    // What failed in another part took this one with it, or the list is wrong.
    const [first] = errors;
    if (first && entities === null)
      reportWhole(execution, fetch, located.flat(), (place) =>
        toClientError(first, fetch.serviceName, place),
      );
    else refuse(execution, fetch, located.flat(), `${alias} is not a list of ${targets.length}`);
  }
}

/** What was answered for these representations is of no use. */
export function refusePlaces(execution: Execution, data: DataMap, places: Places, why: string | Error): void {
  const located = locate(data, places).flat();
  if (located.length > 0) refuse(execution, places.fetch, located, why);
}

/** For each representation, the objects that it stands for and all the places where they hang. */
function locate(data: DataMap, { paths, targets }: Places): Target[][] {
  const byObject = new Map<DataMap, Target[]>();
  for (const path of paths) {
    for (const target of targetsAt([{ value: data, path: [] }], path)) {
      const known = byObject.get(target.value);
      if (known) known.push(target);
      else byObject.set(target.value, [target]);
    }
  }
  return targets.map((objects) => objects.flatMap((object) => byObject.get(object) ?? []));
}
