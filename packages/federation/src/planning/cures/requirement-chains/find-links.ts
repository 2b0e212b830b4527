import type { DocumentNode, FieldDefinitionNode } from 'graphql';
import { namesInFieldSet } from '../../field-set.ts';
import {
  enumArgument,
  type FieldsTypeDefinition,
  fieldsTypes,
  stringArgument,
} from '../../join-directives.ts';

/** A field of a subgraph that requires others. */
export interface Link {
  readonly type: string;
  readonly field: FieldDefinitionNode;
  /** The subgraph, by its name in `join__Graph`. */
  readonly graph: string;
  /** A FieldSet. */
  readonly requires: string;
}

export interface Links {
  readonly moving: readonly Link[];
  readonly staying: readonly Link[];
}

/**
 * Tells which fields with requirements must leave their subgraph: the links of chains, and with them each field of the
 * same subgraph whose requirements mention one of these or would keep their `@external` fields in place. Fields are
 * told apart by name alone: one too many that moves costs a fetch, one too few a wrong answer.
 */
export function findLinks(supergraph: DocumentNode): Links {
  const links = fieldsTypes(supergraph).flatMap(linksOf);
  const required = new Set(links.flatMap(({ requires }) => [...namesInFieldSet(requires)]));
  const moving = new Set(links.filter(({ field }) => required.has(field.name.value)));
  if (moving.size === 0) return { moving: [], staying: links };

  /** `graph name` of what a field that stays in the graph may not mention. */
  const gone = new Set<string>();
  for (const { graph, field, requires } of moving)
    for (const name of [field.name.value, ...namesInFieldSet(requires)]) gone.add(`${graph} ${name}`);
  // Once is enough: what is added here is required by no other field.
  for (const link of links)
    if ([...namesInFieldSet(link.requires)].some((name) => gone.has(`${link.graph} ${name}`)))
      moving.add(link);
  return {
    moving: links.filter((link) => moving.has(link)),
    staying: links.filter((link) => !moving.has(link)),
  };
}

const linksOf = (type: FieldsTypeDefinition): readonly Link[] =>
  (type.fields ?? []).flatMap((field) =>
    (field.directives ?? []).flatMap((directive): Link[] => {
      const requires = stringArgument(directive, 'requires');
      const graph = enumArgument(directive, 'graph');
      if (requires === undefined || graph === undefined) return [];
      return [{ type: type.name.value, field, graph, requires }];
    }),
  );
