import type { OperationVariables } from '../../operation/variables.ts';
import type { CompiledRequest } from './compile-plan.ts';

/** The body of a request, a SubgraphRequest as JSON. @param lists its lists of representations, each with its name. */
export function bodyOf({ given }: OperationVariables, request: CompiledRequest, lists: string): string {
  let text = request.bodyStart + lists;
  let separator = lists === '' ? '' : ',';
  for (const name of request.variables) {
    if (!Object.hasOwn(given, name) || given[name] === undefined) continue;
    text += `${separator}"${name}":${JSON.stringify(given[name])}`;
    separator = ',';
  }
  return `${text}}}`;
}
