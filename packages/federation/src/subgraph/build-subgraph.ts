import { buildSubgraphSchema } from '@apollo/subgraph';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  LoneSchemaDefinitionRule,
  parse,
  Source,
  UniqueArgumentDefinitionNamesRule,
  UniqueDirectiveNamesRule,
  UniqueEnumValueNamesRule,
  UniqueFieldDefinitionNamesRule,
  UniqueOperationTypesRule,
  UniqueTypeNamesRule,
  validateSchema,
} from 'graphql';
import { validateSDL } from 'graphql/validation/validate.js';
import { Errors } from 'moleculer';
import type { CallSite } from './call-site.ts';
import { checkResolvers } from './check-resolvers.ts';
import { definitionError, type Problem } from './definition-error.ts';
import { entitiesResolver, type ReferenceResolvers } from './references.ts';
import type { ResolverMap } from './resolvers.ts';
import type { SchemaSource } from './schema-source.ts';

export interface SubgraphDefinition {
  /** Moleculer service name, for messages. */
  readonly service: string;
  readonly source: SchemaSource;
  /** Where `Subgraph` was called. */
  readonly definedAt: CallSite | undefined;
  readonly resolvers: ResolverMap;
  readonly references: ReferenceResolvers;
}

/**
 * Executable schema of a subgraph: the service's types with their resolvers, `_service` and `_entities`.
 *
 * @throws ServiceSchemaError with all that is wrong, each with file and line, when the SDL is not a valid subgraph or
 *   a resolver fits nothing in it.
 */
export function buildSubgraph(definition: SubgraphDefinition): GraphQLSchema {
  const { service, source, definedAt, resolvers, references } = definition;
  const document = parseSdl(definition);
  const schema = buildTypes(definition, document);
  const misfits = checkResolvers(schema, document, source.file, resolvers, references);
  if (misfits.length > 0) {
    throw definitionError(
      service,
      misfits.map((message) => ({ message, ...definedAt })),
    );
  }

  // Built again, because @apollo/subgraph takes resolvers only then, and fails oddly on wrong ones.
  const built = buildSubgraphSchema({ typeDefs: document, resolvers: resolvers as never });
  const { _service, _entities } = built.getQueryType()!.getFields();
  // The author's own text, the very one that was hashed, instead of Apollo's print of it.
  _service!.resolve = () => ({ sdl: source.sdl });
  if (_entities) _entities.resolve = entitiesResolver(built, references);
  return built;
}

function parseSdl(definition: SubgraphDefinition): DocumentNode {
  let document: DocumentNode;
  try {
    document = parse(new Source(definition.source.sdl, definition.source.file));
  } catch (error) {
    throw invalidSdl(definition, [error]);
  }
  // @apollo/subgraph finds some of these too, but does not say where.
  const duplicates = validateSDL(document, null, uniquenessRules);
  if (duplicates.length > 0) throw invalidSdl(definition, duplicates);
  return document;
}

const uniquenessRules = [
  LoneSchemaDefinitionRule,
  UniqueOperationTypesRule,
  UniqueTypeNamesRule,
  UniqueDirectiveNamesRule,
  UniqueFieldDefinitionNamesRule,
  UniqueArgumentDefinitionNamesRule,
  UniqueEnumValueNamesRule,
];

function buildTypes(definition: SubgraphDefinition, document: DocumentNode): GraphQLSchema {
  try {
    const schema = buildSubgraphSchema({ typeDefs: document });
    const errors = validateSchema(schema);
    if (errors.length === 0) return schema;
    throw invalidSdl(definition, errors);
  } catch (error) {
    if (error instanceof Errors.ServiceSchemaError) throw error;
    const causes = (error as { causes?: unknown }).causes;
    throw invalidSdl(definition, Array.isArray(causes) ? causes : [error]);
  }
}

function invalidSdl({ service, source, definedAt }: SubgraphDefinition, errors: readonly unknown[]): Error {
  const problems = errors.map((error): Problem => {
    // Apollo's name for a subgraph that it was not told the name of.
    const message = (error instanceof Error ? error.message : String(error)).replace('[<unnamed>] ', '');
    const line = error instanceof GraphQLError ? error.locations?.[0]?.line : undefined;
    if (source.file) return { message, file: source.file, line };
    return { message: `schema${line ? `, line ${line}` : ''}: ${message}`, ...definedAt };
  });
  return definitionError(service, problems);
}
