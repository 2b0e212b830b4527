import type { PlanNode, QueryPlan } from '../../planning/planner.ts';
import type { TypeConditions } from '../type-conditions.ts';
import type { ResponsePath } from '../values.ts';
import { type EntityPart, mergeFetches, type PlannedRequest, soleRequest } from './merge-fetches.ts';
import { compileRepresentation, type Represent } from './represent.ts';
import { feeds, type PlacedFetch, toWaves, type Wave } from './waves.ts';

/** A plan's waves with all that can be known before there is data. Immutable; one serves every request at once. */
export interface CompiledPlan {
  readonly waves: readonly CompiledWave[];
}

export interface CompiledWave {
  /** Collected before the wave is sent, in this order. */
  readonly collections: readonly Collection[];
  readonly requests: readonly CompiledRequest[];
  /** The request of one fetch by itself, with where its targets are, for when the wave cannot be sent as one. */
  apart(fetch: PlacedFetch): {
    readonly request: CompiledRequest;
    readonly collections: readonly Collection[];
  };
}

/** The objects at one Flatten path. */
export interface Collection {
  readonly path: ResponsePath;
  /** How its objects are known, when equal ones may become one object. */
  readonly unify: Represent | undefined;
  /** Objects above it may have become one: the same is then met more than once. */
  readonly repeats: boolean;
}

export interface CompiledRequest extends PlannedRequest {
  /** The body up to the values of its variables. */
  readonly bodyStart: string;
  readonly compiledParts: readonly CompiledPart[];
}

export interface CompiledPart extends EntityPart {
  readonly represent: Represent;
  /** Keys of the collections its targets are in. */
  readonly collections: readonly string[];
}

export const pathKey = (path: ResponsePath): string => path.join('\n');

const memo = new WeakMap<QueryPlan, CompiledPlan | 'plain'>();

/** Compiles once for each plan. Undefined when only the plain path runs it. */
export function compilePlan(plan: QueryPlan, isOfType: TypeConditions): CompiledPlan | undefined {
  const known = memo.get(plan);
  if (known) return known === 'plain' ? undefined : known;
  const compiled = plan.node && compile(plan.node, isOfType);
  memo.set(plan, compiled ?? 'plain');
  return compiled;
}

function compile(node: PlanNode, isOfType: TypeConditions): CompiledPlan | undefined {
  const waves = toWaves(node);
  if (!waves) return undefined;
  /** Path → the wave that collected it last. */
  const collectedIn = new Map<string, number>();
  const unified: ResponsePath[] = [];

  const compileWave = (wave: Wave, index: number): CompiledWave => {
    const requests = mergeFetches(wave).map((request) => compileRequest(request, isOfType));
    const collections: Array<Omit<Collection, 'repeats'>> = [];
    for (const { represent, paths } of requests.flatMap(({ compiledParts }) => compiledParts)) {
      for (const path of paths) {
        const key = pathKey(path);
        const since = collectedIn.get(key);
        const changed =
          since === undefined ||
          waves
            .slice(since, index)
            .flat()
            .some((fetch) => feeds(fetch, path));
        if (!changed) continue;
        collectedIn.set(key, index);
        // An answer that is still to come may fill objects here one by one, by their place.
        const mayUnify = !waves
          .slice(index)
          .flat()
          .some((fetch) => feeds(fetch, path));
        collections.push({ path, unify: mayUnify ? represent : undefined });
        if (mayUnify) unified.push(path);
      }
    }
    // From the root down: what is made one above is met once below.
    collections.sort((a, b) => a.path.length - b.path.length);
    const repeats = (path: ResponsePath): boolean => unified.some((above) => isBelow(path, above));
    return {
      requests,
      collections: collections.map((collection) => ({ ...collection, repeats: repeats(collection.path) })),
      apart: (fetch) => ({
        request: compileRequest(soleRequest(fetch), isOfType),
        collections: [{ path: fetch.path, unify: undefined, repeats: repeats(fetch.path) }],
      }),
    };
  };
  return { waves: waves.map(compileWave) };
}

function compileRequest(request: PlannedRequest, isOfType: TypeConditions): CompiledRequest {
  const { operation: query, operationName } = request;
  const start = JSON.stringify({ query, ...(operationName !== undefined && { operationName }) });
  return {
    ...request,
    bodyStart: `${start.slice(0, -1)},"variables":{`,
    compiledParts: request.parts.map((part) => ({
      ...part,
      represent: compileRepresentation(part.fetch, isOfType),
      collections: part.paths.map(pathKey),
    })),
  };
}

const isBelow = (path: ResponsePath, above: ResponsePath): boolean =>
  path.length > above.length && above.every((step, index) => path[index] === step);
