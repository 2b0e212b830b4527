import type { GraphQLResolveInfo, GraphQLScalarType } from 'graphql';
import type { ResolverContext } from './resolver-context.ts';

/**
 * A field's resolver. Declared as a method so that its parameters may be narrower than these types, as in
 * `(order: Order, args: { first: number }, { ctx }) => …`.
 */
export type FieldResolver = {
  resolve(
    parent: unknown,
    args: Record<string, unknown>,
    context: ResolverContext,
    info: GraphQLResolveInfo,
  ): unknown;
}['resolve'];

/** Loads one entity: the reference is the representation, `{ __typename, ...key, ...required fields }`. */
export type ReferenceResolver = {
  resolve(reference: Representation, context: ResolverContext, info: GraphQLResolveInfo): unknown;
}['resolve'];

/** `__typename` is always there; it is optional so that a narrower type, `{ id: string }`, need not tell it. */
export interface Representation {
  readonly __typename?: string;
  readonly [field: string]: unknown;
}

/** Tells the object type of an interface's or union's value. Needed only where values carry no `__typename`. */
export type TypeResolver = {
  resolve(
    value: unknown,
    context: ResolverContext,
    info: GraphQLResolveInfo,
  ): string | undefined | Promise<string | undefined>;
}['resolve'];

export interface TypeResolvers {
  readonly __resolveReference?: ReferenceResolver;
  readonly __resolveType?: TypeResolver;
  readonly __isTypeOf?: (value: unknown, context: ResolverContext, info: GraphQLResolveInfo) => boolean;
  // `object` stands for the functions above, which an index signature must admit too: with their own types in the
  // union, TypeScript would infer no parameters for the others. checkResolvers tells at start what is wrong.
  readonly [field: string]: FieldResolver | { readonly resolve?: FieldResolver } | object | undefined;
}

/** Internal values of an enum, by name. */
export type EnumValues = Readonly<Record<string, string | number | boolean>>;

/** Resolvers as @apollo/subgraph takes them: by type, then by field. */
export type ResolverMap = Readonly<Record<string, TypeResolvers | GraphQLScalarType | EnumValues>>;
