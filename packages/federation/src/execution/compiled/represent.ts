import type { FetchNode, PlanField, PlanSelection } from '../../planning/planner.ts';
import { buildRepresentation } from '../representations.ts';
import { applyRewrites } from '../rewrites.ts';
import type { TypeConditions } from '../type-conditions.ts';
import { type DataMap, own } from '../values.ts';

/** How the entities of one type become representations. */
export interface TypeRepresentation {
  /** Names in the data of what identifies the entity, `__typename` aside, when these are all it needs. */
  readonly names: readonly string[] | undefined;
  /** The representation as JSON; undefined when something required is not known. */
  text(entity: DataMap): string | undefined;
}

/** Compiled once for each set of requirements; by the entity's `__typename`, undefined for one without. */
export type Represent = (typename: unknown) => TypeRepresentation;

export function compileRepresentation(fetch: FetchNode, isOfType: TypeConditions): Represent {
  const requires = fetch.requires ?? [];
  const byType = new Map<unknown, TypeRepresentation>();
  const generic: TypeRepresentation = {
    names: undefined,
    text(entity) {
      const representation = buildRepresentation(entity, requires, isOfType);
      if (!representation) return undefined;
      applyRewrites(fetch.inputRewrites, representation, isOfType);
      return JSON.stringify(representation);
    },
  };
  const compile = (typename: unknown): TypeRepresentation => {
    const plain = typeof typename === 'string' ? plainRepresentation(fetch, typename, isOfType) : undefined;
    return plain ? compilePlain(plain) : generic;
  };
  return (typename) => {
    const known = byType.get(typename);
    if (known) return known;
    const compiled = compile(typename);
    // Types are few, but `__typename` is what a subgraph chooses to say.
    if (byType.size < 1_000) byType.set(typename, compiled);
    return compiled;
  };
}

/** A representation of `__typename` and fields as they are in the data, nothing below them. */
export interface PlainRepresentation {
  /** Names in the data of all but `__typename`. */
  readonly names: readonly string[];
  /** JSON up to the first value. */
  readonly start: string;
  /** JSON before each value. */
  readonly keys: readonly string[];
}

/** Undefined for a type of which more is required than that. */
export function plainRepresentation(
  fetch: FetchNode,
  typename: string,
  isOfType: TypeConditions,
): PlainRepresentation | undefined {
  if (fetch.inputRewrites?.length) return undefined;
  const fields = plainFields(fetch.requires ?? [], typename, isOfType);
  if (!fields) return undefined;
  const read = fields.filter(({ name }) => name !== '__typename');
  return {
    names: read.map(({ name, alias }) => alias ?? name),
    start: `{"__typename":${JSON.stringify(typename)}`,
    keys: read.map(({ name }) => `,${JSON.stringify(name)}:`),
  };
}

/** The fields required of a type, when they are one plain list with `__typename` in it. */
function plainFields(
  requires: readonly PlanSelection[],
  typename: string,
  isOfType: TypeConditions,
): readonly PlanField[] | undefined {
  const applying = requires.filter(
    (selection) =>
      selection.kind === 'Field' ||
      selection.typeCondition === undefined ||
      isOfType(typename, selection.typeCondition),
  );
  const [only] = applying;
  if (applying.length !== 1 || only?.kind !== 'InlineFragment') return undefined;
  const fields: PlanField[] = [];
  for (const field of only.selections) {
    if (field.kind !== 'Field' || field.selections) return undefined;
    fields.push(field);
  }
  return fields.some(({ name, alias }) => name === '__typename' && alias === undefined) ? fields : undefined;
}

function compilePlain({ names, start, keys }: PlainRepresentation): TypeRepresentation {
  return {
    names,
    text(entity) {
      let text = start;
      for (let index = 0; index < names.length; index++) {
        const value = own(entity, names[index]!);
        if (value === undefined) return undefined;
        text += keys[index]! + JSON.stringify(value);
      }
      return `${text}}`;
    },
  };
}
