import { type DocumentNode, type FieldNode, visit } from 'graphql';
import { namesInFieldSet } from './field-set.ts';
import { fieldsTypes, stringArgument } from './join-directives.ts';

/**
 * Translates between the client's response names and those used inside the gateway.
 *
 * A client may alias a field to the name of a key or of a required field: `{ user { email: id } }`. The plan's own
 * selections (keys, requirements, `__typename`) live in the same objects, so such an alias would feed a wrong value
 * into a representation, silently. These aliases get a prefix before planning and lose it in the answer.
 */
export interface ResponseNames {
  /** The name under which the gathered data holds the value of this field of the client's document. */
  internal(field: FieldNode): string;
  /** The client's name for an internal one. */
  client(internalName: string): string;
  /** The document with every endangered alias renamed. */
  rename(document: DocumentNode): DocumentNode;
}

const PREFIX = '_alias_';

/** Names that the planner and we ourselves make up. */
const GENERATED = /__(alias|required)_\d+$/;

/** @param reserved what `plannedNames` found in the supergraph. */
export function createResponseNames(reserved: ReadonlySet<string>): ResponseNames {
  const endangered = (alias: string): boolean =>
    reserved.has(alias) || alias.startsWith('__') || alias.startsWith(PREFIX) || GENERATED.test(alias);

  const internal = (field: FieldNode): string => {
    const alias = field.alias?.value;
    if (alias === undefined || alias === field.name.value) return field.name.value;
    return endangered(alias) ? PREFIX + alias : alias;
  };

  return {
    internal,
    client: (name) => (name.startsWith(PREFIX) ? name.slice(PREFIX.length) : name),
    rename: (document) =>
      visit(document, {
        Field: (field) => {
          const name = internal(field);
          if (field.alias === undefined || field.alias.value === name) return undefined;
          return { ...field, alias: { ...field.alias, value: name } };
        },
      }),
  };
}

/** Every field name that a key, a requirement or a provision mentions. */
export function plannedNames(supergraph: DocumentNode): ReadonlySet<string> {
  const names = new Set<string>();
  const add = (fields: string | undefined): void => {
    for (const name of fields === undefined ? [] : namesInFieldSet(fields)) names.add(name);
  };
  for (const type of fieldsTypes(supergraph)) {
    for (const directive of type.directives ?? []) add(stringArgument(directive, 'key'));
    for (const field of type.fields ?? []) {
      for (const directive of field.directives ?? []) {
        add(stringArgument(directive, 'requires'));
        add(stringArgument(directive, 'provides'));
      }
    }
  }
  return names;
}
