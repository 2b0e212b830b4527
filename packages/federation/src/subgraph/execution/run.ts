/** One execution of a compiled operation: its inputs, and the errors it has met. */
import { type GraphQLError, type GraphQLResolveInfo, locatedError, responsePathAsArray } from 'graphql';
import type { CompiledField, CompiledOperation } from './compiled-operation.ts';

export type Path = GraphQLResolveInfo['path'];

export class Run {
  readonly compiled: CompiledOperation;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: unknown;
  readonly errors: GraphQLError[] = [];
  /** Places that an error has made null. By identity: a place has one path object, shared by all below it. */
  readonly #nulled = new Set<Path | undefined>();

  constructor(compiled: CompiledOperation, variables: Readonly<Record<string, unknown>>, context: unknown) {
    this.compiled = compiled;
    this.variables = variables;
    this.context = context;
  }

  /** An error below a place that is null already was never seen by the client (GraphQL specification §6.4.4). */
  report(error: GraphQLError, path: Path | undefined): void {
    for (let at = path; at !== undefined; at = at.prev) if (this.#nulled.has(at)) return;
    if (this.#nulled.has(undefined)) return;
    this.#nulled.add(path);
    this.errors.push(error);
  }

  /** @returns null where the place may be null. @throws GraphQLError, located, where its parent has to be null instead. */
  fail(raw: unknown, field: CompiledField, nonNull: boolean, path: Path): null {
    const error = locatedError(raw, field.nodes, responsePathAsArray(path));
    if (nonNull) throw error;
    this.report(error, path);
    return null;
  }

  /** The fourth argument of a resolver. */
  info(field: CompiledField, path: Path): GraphQLResolveInfo {
    const { schema, fragments, operation } = this.compiled;
    return {
      fieldName: field.definition.name,
      fieldNodes: field.nodes,
      returnType: field.definition.type,
      parentType: field.parentType,
      path,
      schema,
      fragments,
      rootValue: undefined,
      operation,
      variableValues: this.variables as { [variable: string]: unknown },
    };
  }
}
