import {
  defaultTypeResolver,
  GraphQLError,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { FederationErrorCode } from '../errors.ts';
import { isPromise } from './execution/is-promise.ts';
import type { ResolverContext } from './resolver-context.ts';
import type { ReferenceResolver, Representation } from './resolvers.ts';

/**
 * Loads all the entities of one type that one `_entities` field asks for. References are distinct. Answers one item
 * for each, in their order: the entity, null when there is none, an Error when that one failed. A rejection or another
 * number of items fails them all. Items need no `__typename`, but where the type is an interface without `__resolveType`.
 */
export type BatchReferenceResolver = {
  resolve(
    references: readonly Representation[],
    context: ResolverContext,
    info: GraphQLResolveInfo,
  ): readonly unknown[] | Promise<readonly unknown[]>;
}['resolve'];

/** By entity type. */
export type ReferenceResolvers = Readonly<Record<string, BatchReferenceResolver>>;

type EntityType = GraphQLObjectType | GraphQLInterfaceType;

type TypedRepresentation = Representation & { readonly __typename: string };

interface Batch {
  readonly type: EntityType;
  readonly references: Representation[];
  /** Position in `references` by the representation's text. */
  readonly positions: Map<string, number>;
}

/** A representation with the type whose resolver loads it, or what is wrong with it. */
type Slot =
  | { readonly reference: TypedRepresentation; readonly type: EntityType }
  | { readonly error: unknown };

/** Where the answer to a representation will be. */
interface Place {
  readonly batch: Batch;
  readonly position: number;
}

/**
 * Resolver of `Query._entities`. @apollo/subgraph's own asks for one entity at a time, fails the whole field on one
 * bad representation and cannot brand frozen objects.
 */
export function entitiesResolver(schema: GraphQLSchema, batchResolvers: ReferenceResolvers) {
  return (
    _root: unknown,
    args: { representations: readonly unknown[] },
    context: ResolverContext,
    info: GraphQLResolveInfo,
  ): unknown => {
    const slots = args.representations.map((representation) => slotOf(representation, context, info));
    const answer = (known: readonly Slot[]) => loadAll(known, context, info);
    return slots.some(isPromise) ? Promise.all(slots).then(answer) : answer(slots as readonly Slot[]);
  };

  function slotOf(
    representation: unknown,
    context: ResolverContext,
    info: GraphQLResolveInfo,
  ): Slot | Promise<Slot> {
    try {
      const reference = checkRepresentation(representation);
      const type = loadedType(reference, context, info);
      if (!isPromise(type)) return { reference, type };
      return type.then(
        (known) => ({ reference, type: known }),
        (error: unknown) => ({ error }),
      );
    } catch (error) {
      return { error };
    }
  }

  /** Only now is every type known, so that each batch is whole before it is asked for. */
  function loadAll(slots: readonly Slot[], context: ResolverContext, info: GraphQLResolveInfo): unknown {
    const batches = new Map<EntityType, Batch>();
    const places = slots.map((slot) =>
      'error' in slot ? slot : enqueue(batches, slot.type, slot.reference),
    );
    const branded = (place: Place, items: readonly unknown[]) =>
      brand(place.batch.type, items[place.position], context, info);
    const answers = new Map([...batches.values()].map((batch) => [batch, load(batch, context, info)]));
    const [first, ...others] = answers.values();
    if (first && others.length === 0) {
      // One promise for all of them, where there are many of one type: the common case by far.
      const answer = (items: readonly unknown[]) =>
        places.map((place) => ('error' in place ? place.error : branded(place, items)));
      return first.then(answer, (error) =>
        places.map((place) => ('error' in place ? place.error : Promise.reject(error))),
      );
    }
    return places.map((place) =>
      'error' in place ? place.error : answers.get(place.batch)!.then((items) => branded(place, items)),
    );
  }

  /** The type whose resolver loads the reference: an interface's own, or else that of the type it turns out to be. */
  function loadedType(
    reference: TypedRepresentation,
    context: ResolverContext,
    info: GraphQLResolveInfo,
  ): EntityType | Promise<EntityType> {
    const type = schema.getType(reference.__typename);
    if (!isObjectType(type) && !isInterfaceType(type)) {
      throw badRepresentation(`Type "${reference.__typename}" of a representation is no entity here.`);
    }
    if (isObjectType(type) || batchResolvers[type.name] || singleResolver(type)) return type;
    return runtimeType(type, reference, context, info);
  }

  async function load(
    batch: Batch,
    context: ResolverContext,
    info: GraphQLResolveInfo,
  ): Promise<readonly unknown[]> {
    const { type, references } = batch;
    const resolveBatch = batchResolvers[type.name];
    if (resolveBatch) {
      const items: unknown = await resolveBatch(references, context, info);
      if (Array.isArray(items) && items.length === references.length) return items;
      const got = Array.isArray(items) ? `${items.length} items` : typeof items;
      throw new TypeError(`references.${type.name} answered ${got} for ${references.length} references.`);
    }
    const resolveOne = singleResolver(type);
    if (!resolveOne) return references;
    return Promise.all(
      references.map(async (reference) => {
        try {
          return await resolveOne(reference, context, info);
        } catch (error) {
          return error instanceof Error ? error : new Error(String(error));
        }
      }),
    );
  }
}

function checkRepresentation(value: unknown): TypedRepresentation {
  const typename = (value as { __typename?: unknown } | null)?.__typename;
  if (typeof value === 'object' && typeof typename === 'string') return value as { __typename: string };
  throw badRepresentation('A representation must be an object with a `__typename`.');
}

function badRepresentation(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' satisfies FederationErrorCode } });
}

function enqueue(batches: Map<EntityType, Batch>, type: EntityType, reference: Representation): Place {
  const batch: Batch = batches.get(type) ?? { type, references: [], positions: new Map() };
  batches.set(type, batch);
  const text = JSON.stringify(reference);
  const position = batch.positions.get(text) ?? batch.references.push(reference) - 1;
  batch.positions.set(text, position);
  return { batch, position };
}

function singleResolver(type: EntityType): ReferenceResolver | undefined {
  const extensions = type.extensions as { apollo?: { subgraph?: { resolveReference?: ReferenceResolver } } };
  return extensions.apollo?.subgraph?.resolveReference;
}

async function runtimeType(
  type: GraphQLInterfaceType,
  value: unknown,
  context: ResolverContext,
  info: GraphQLResolveInfo,
): Promise<GraphQLObjectType> {
  const name = await (type.resolveType ?? defaultTypeResolver)(value, context, info, type);
  const found = typeof name === 'string' ? info.schema.getType(name) : undefined;
  if (isObjectType(found) && info.schema.isSubType(type, found)) return found;
  throw new TypeError(
    `An entity of interface "${type.name}" has type "${name}": it needs a __typename of an implementing type, or the interface a __resolveType.`,
  );
}

/** Gives an entity the `__typename` by which the `_Entity` union tells its type. */
function brand(type: EntityType, item: unknown, context: ResolverContext, info: GraphQLResolveInfo): unknown {
  if (item == null || item instanceof Error) return item;
  if (typeof item !== 'object')
    return new TypeError(`The reference resolver of "${type.name}" answered a ${typeof item}.`);
  if (!isInterfaceType(type)) return named(item, type.name);
  return runtimeType(type, item, context, info).then(({ name }) => named(item, name));
}

function named(item: object, name: string): object {
  const found = (item as { __typename?: unknown }).__typename;
  if (found === name) return item;
  // A copy where the object is not ours to change: frozen, or the same row served as two types.
  if (found !== undefined || !Object.isExtensible(item)) return { ...item, __typename: name };
  return Object.defineProperty(item, '__typename', { value: name });
}
