import { GraphQLError } from 'graphql';
import type { FetchNode } from '../planning/planner.ts';
import type { SubgraphError } from '../protocol.ts';
import type { SubgraphFetchError } from '../transport/subgraph-fetch-error.ts';
import type { Target } from './targets.ts';
import { isMap, type ResponsePath } from './values.ts';

/** Extensions that show a program's inside: Apollo Server adds the first two when it runs in development. */
const INTERNAL_EXTENSIONS = ['stacktrace', 'exception', 'debug', 'originalError', 'nodeID'];

/** An error of a subgraph as the client may see it: placed in the client's response, with `code` and `service`. */
export function toClientError(
  error: SubgraphError,
  service: string,
  path: ResponsePath | undefined,
): GraphQLError {
  const extensions: Record<string, unknown> = isMap(error.extensions) ? { ...error.extensions } : {};
  for (const name of INTERNAL_EXTENSIONS) delete extensions[name];
  if (typeof extensions.code !== 'string') extensions.code = 'DOWNSTREAM_SERVICE_ERROR';
  extensions.service = service;
  const message =
    typeof error.message === 'string' ? error.message : `The subgraph "${service}" reported an error.`;
  return new GraphQLError(message, { extensions, ...(path && { path }) });
}

/** A subgraph's error path, if it is one: what a faulty subgraph puts there may be anything. */
export function errorPath({ path }: SubgraphError): ResponsePath | undefined {
  if (!Array.isArray(path) || path.length === 0 || path.length > MAX_PATH) return undefined;
  const steps: readonly unknown[] = path;
  return steps.every((step) => typeof step === 'string' || Number.isSafeInteger(step)) ? path : undefined;
}

/** Longer than any that an operation within the limits can lead to. */
const MAX_PATH = 1_000;

export function toFetchFailure(error: SubgraphFetchError, path: ResponsePath | undefined): GraphQLError {
  return new GraphQLError(error.message, {
    extensions: { code: error.code, service: error.service },
    originalError: error,
    ...(path && path.length > 0 && { path }),
  });
}

/** The deepest path that all targets share: where an error that names no field of its own belongs. */
export function commonPath(targets: readonly Target[]): ResponsePath {
  const [first, ...others] = targets.map((target) => target.path);
  let length = first?.length ?? 0;
  for (const path of others) {
    let same = 0;
    while (same < length && path[same] === first?.[same]) same++;
    length = same;
  }
  return first?.slice(0, length) ?? [];
}

/** A path inside a fetch's answer, with the planner's aliases (`name__alias_0`) turned back into response names. */
export function renamePath(path: ResponsePath, fetch: FetchNode): ResponsePath {
  const renamed = new Map<string | number | undefined, string>();
  for (const rewrite of fetch.outputRewrites ?? []) {
    if (rewrite.kind === 'KeyRenamer') renamed.set(rewrite.path.at(-1), rewrite.renameKeyTo);
  }
  return renamed.size === 0 ? path : path.map((step) => renamed.get(step) ?? step);
}
