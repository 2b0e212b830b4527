import type { GraphQLError, GraphQLSchema } from 'graphql';
import { LRUCache } from 'lru-cache';
import type { QueryPlanner } from '../planning/planner.ts';
import { type ParseOptions, parseOperation, validationErrors } from './parse-operation.ts';
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
    if (known) {
      known.uses++;
      return known;
    }
    const parsed = parseOperation(this.#schema, query, operationName, this.#options);
    if ('errors' in parsed) return parsed;
    return this.#keep(key, new PreparedOperation(parsed, this.#planner), 1);
  }

  /** The most used operations, at most `count`, most used first. */
  hottest(count: number): ReadonlyArray<readonly [key: string, PreparedOperation]> {
    return [...this.#cache.entries()].sort(([, a], [, b]) => b.uses - a.uses).slice(0, count);
  }

  /**
   * Prepares an operation of another generation for this one; undefined when it does not fit this schema. What was
   * hot there is hot here, but half: hotter ones of today must come before those of last week.
   */
  adopt(key: string, { parsed, uses }: PreparedOperation): PreparedOperation | undefined {
    if (validationErrors(this.#schema, parsed.document, this.#options).length > 0) return undefined;
    return this.#keep(key, new PreparedOperation(parsed, this.#planner), Math.floor(uses / 2));
  }

  #keep(key: string, prepared: PreparedOperation, uses: number): PreparedOperation {
    prepared.uses = uses;
    this.#cache.set(key, prepared);
    return prepared;
  }
}
