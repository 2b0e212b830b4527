import type { SubgraphResponse } from '../../protocol.ts';
import { SubgraphFetchError } from '../../transport/subgraph-fetch-error.ts';
import { onlyAsked } from '../execute-fetch.ts';
import type { Execution } from '../execute-plan.ts';
import { mergeInto } from '../merge.ts';
import { applyRewrites } from '../rewrites.ts';
import { type DataMap, isMap } from '../values.ts';
import { adopt } from './adopt.ts';
import {
  type Collection,
  type CompiledPlan,
  type CompiledRequest,
  type CompiledWave,
  pathKey,
} from './compile-plan.ts';
import { endsWithin } from './patience.ts';
import { refusePlaces, reportEntityErrors, reportRequestFailure, reportRootErrors } from './report-errors.ts';
import { type Asked, ask } from './representation-list.ts';
import { bodyOf } from './request-body.ts';
import { forEachTarget } from './targets.ts';
import { unifyInto } from './unify.ts';
import type { PlacedFetch } from './waves.ts';

/** What a compiled plan needs besides what the plain path has. */
export interface CompiledExecution extends Execution {
  /**
   * Carries a body to a subgraph; rejects with SubgraphFetchError only. Nobody else holds the answer, so its objects
   * become part of the data.
   */
  sendBody(service: string, body: string): Promise<SubgraphResponse>;
  /**
   * How long a wave waits for its slowest fetch, in ms. Then what does not need the stragglers goes on by itself, in
   * more requests: a subgraph that hangs must not take the others' part of the answer with it.
   */
  readonly patience: number;
}

type Collected = Map<string, readonly DataMap[]>;

/** Runs a compiled plan. The same contract as `executePlan`, and the same data, but that equal objects may be one. */
export async function runPlan(execution: CompiledExecution, { waves }: CompiledPlan): Promise<DataMap> {
  const data: DataMap = {};
  const collected: Collected = new Map();
  for (const [index, wave] of waves.entries()) {
    collectAll(data, wave.collections, collected);
    const running = wave.requests.map((request) => ({
      request,
      ended: runRequest(execution, request, data, collected),
    }));
    const ended =
      running.length === 1 ? running[0]!.ended : Promise.all(running.map((request) => request.ended));
    if (index === waves.length - 1) await ended;
    else if (!(await endsWithin(execution.patience, ended))) {
      await runApart(execution, data, running, waves.slice(index + 1));
      break;
    }
  }
  return data;
}

/** Runs the waves that are left fetch by fetch, each as soon as what it needs has ended. */
async function runApart(
  execution: CompiledExecution,
  data: DataMap,
  running: ReadonlyArray<{ readonly request: CompiledRequest; readonly ended: Promise<void> }>,
  waves: readonly CompiledWave[],
): Promise<void> {
  const endOf = new Map<PlacedFetch, Promise<void>>();
  for (const { request, ended } of running) for (const fetch of request.fetches) endOf.set(fetch, ended);
  const all = running.map(({ ended }) => ended);
  for (const wave of waves) {
    for (const fetch of wave.requests.flatMap(({ fetches }) => fetches)) {
      // Fetches of earlier waves are not in the map: they have ended.
      const ended = Promise.all(fetch.after.map((needed) => endOf.get(needed))).then(() => {
        const { request, collections } = wave.apart(fetch);
        const collected: Collected = new Map();
        collectAll(data, collections, collected);
        return runRequest(execution, request, data, collected);
      });
      endOf.set(fetch, ended);
      all.push(ended);
    }
  }
  await Promise.all(all);
}

function collectAll(data: DataMap, collections: readonly Collection[], collected: Collected): void {
  for (const collection of collections) collected.set(pathKey(collection.path), collect(data, collection));
}

function collect(data: DataMap, { path, unify, repeats }: Collection): readonly DataMap[] {
  if (unify) return unifyInto(data, path, unify, repeats);
  const found: DataMap[] = [];
  forEachTarget(data, path, (object) => found.push(object));
  return repeats ? [...new Set(found)] : found;
}

function runRequest(
  execution: CompiledExecution,
  request: CompiledRequest,
  data: DataMap,
  collected: Collected,
): Promise<void> {
  return request.root ? runRoot(execution, request, data) : runEntities(execution, request, data, collected);
}

async function runRoot(execution: CompiledExecution, request: CompiledRequest, data: DataMap): Promise<void> {
  const { path, fetch } = request.root!;
  const targets: DataMap[] = [];
  forEachTarget(data, path, (object) => targets.push(object));
  if (targets.length === 0) return;
  let response: SubgraphResponse;
  try {
    response = await execution.sendBody(request.service, bodyOf(execution.variables, request, ''));
  } catch (error) {
    reportRequestFailure(
      execution,
      data,
      [{ fetch, paths: [path], targets: [targets] }],
      failureOf(error, request),
    );
    return;
  }
  if (response.errors?.length) reportRootErrors(execution, data, request.root!, response.errors);
  if (!isMap(response.data)) return;
  try {
    applyRewrites(fetch.outputRewrites, response.data, execution.isOfType);
    mergeToAll(targets, onlyAsked(fetch, response.data));
  } catch (error) {
    refusePlaces(execution, data, { fetch, paths: [path], targets: [targets] }, error as Error);
  }
}

async function runEntities(
  execution: CompiledExecution,
  request: CompiledRequest,
  data: DataMap,
  collected: Collected,
): Promise<void> {
  const asked: Asked[] = [];
  let lists = '';
  let some = false;
  for (const part of request.compiledParts) {
    const list = ask(part, collected);
    asked.push(list);
    some ||= list.targets.length > 0;
    lists += `${lists === '' ? '' : ','}"${part.variable}":[${list.text}]`;
  }
  if (!some) return;
  let response: SubgraphResponse;
  try {
    response = await execution.sendBody(request.service, bodyOf(execution.variables, request, lists));
  } catch (error) {
    reportRequestFailure(execution, data, asked.map(placesOf), failureOf(error, request));
    return;
  }
  if (response.errors?.length || !isWhole(response, asked))
    reportEntityErrors(execution, data, asked, response);
  if (!isMap(response.data)) return;
  for (const list of asked) {
    try {
      takeEntities(execution, data, list, response.data[list.part.alias]);
    } catch (error) {
      refusePlaces(execution, data, placesOf(list), error as Error);
    }
  }
}

function takeEntities(execution: CompiledExecution, data: DataMap, asked: Asked, entities: unknown): void {
  const { part, targets } = asked;
  if (!Array.isArray(entities) || entities.length !== targets.length) return;
  const { fetch } = part;
  for (let index = 0; index < targets.length; index++) {
    const entity: unknown = entities[index];
    if (entity === null || entity === undefined) continue;
    if (!isMap(entity)) {
      const alone = targets.map((waiting, other) => (other === index ? waiting : []));
      refusePlaces(execution, data, { fetch, paths: part.paths, targets: alone }, 'an entity is not a map');
      continue;
    }
    if (fetch.outputRewrites) applyRewrites(fetch.outputRewrites, entity, execution.isOfType);
    mergeToAll(targets[index]!, onlyAsked(fetch, entity));
  }
}

export const placesOf = ({ part, targets }: Asked) => ({ fetch: part.fetch, paths: part.paths, targets });

/** Is every list there, with an item for each representation? */
const isWhole = ({ data }: SubgraphResponse, asked: readonly Asked[]): boolean =>
  isMap(data) &&
  asked.every(({ part, targets }) => {
    const entities = data[part.alias];
    return Array.isArray(entities) && entities.length === targets.length;
  });

/** The last to get it may keep it; the others get copies, which later fetches fill differently. */
function mergeToAll(targets: readonly DataMap[], answer: DataMap): void {
  for (let index = 1; index < targets.length; index++) mergeInto(targets[index]!, answer);
  adopt(targets[0]!, answer);
}

const failureOf = (error: unknown, { service }: CompiledRequest): SubgraphFetchError =>
  error instanceof SubgraphFetchError
    ? error
    : new SubgraphFetchError('SUBGRAPH_UNAVAILABLE', service, error);
