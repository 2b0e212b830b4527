import type { GraphQLError, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { QueryPlanner } from '../planning/planner.ts';
import { type ParseOptions, parseOperation } from './parse-operation.ts';
import { PreparedOperation } from './prepared-operation.ts';

/** Characters of document text whose operations are kept; syntax trees and plans are a small multiple of it. */
const MAX_CHARACTERS = 8 * 1024 * 1024;
const MAX_OPERATIONS = 2_000;

/**
 * Prepared operations of one generation, by (operation name, document text). Bounded both in number and in text.
 * Refused documents are not kept: they are cheap to refuse again, and a flood of them must not push out good ones.
 */
export class PreparedOperations {
  readonly #cache = new LRUCache<string, PreparedOperation>({
    max: MAX_OPERATIONS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (_, key) => key.length + 1,
  });
  readonly #schema: GraphQLSchema;
  readonly #planner: QueryPlanner;
  readonly #options: ParseOptions;

  constructor(schema: GraphQLSchema, planner: QueryPlanner, options: ParseOptions) {
    this.#schema = schema;
    this.#planner = planner;
    this.#options = options;
  }

  prepare(
    query: string,
    operationName: string | undefined,
  ): PreparedOperation | { readonly errors: readonly GraphQLError[] } {
    const key = `${operationName ?? ''}\n${query}`;
    const known = this.#cache.get(key);
    if (known) return known;
    const parsed = parseOperation(this.#schema, query, operationName, this.#options);
    if ('errors' in parsed) return parsed;
    const prepared = new PreparedOperation(parsed, this.#planner);
    this.#cache.set(key, prepared);
    return prepared;
  }
}
