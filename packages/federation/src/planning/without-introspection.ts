import { type DocumentNode, type FieldNode, Kind, visit } from 'graphql';

const INTROSPECTION = new Set(['__schema', '__type']);

/**
 * The operation as the planner should see it: `__schema` and `__type` become `__typename`. They are answered in this
 * process, and the planner's own copy of the introspection types is older than graphql-js's: it knows no `isOneOf`,
 * which every current client asks for.
 */
export function withoutIntrospection(document: DocumentNode): DocumentNode {
  return visit(document, {
    Field(field): FieldNode | undefined {
      if (!INTROSPECTION.has(field.name.value)) return undefined;
      const { alias, directives } = field;
      return {
        kind: Kind.FIELD,
        name: { kind: Kind.NAME, value: '__typename' },
        ...(alias && { alias }),
        ...(directives && { directives }),
      };
    },
    FragmentDefinition: (fragment) => (fragment.typeCondition.name.value.startsWith('__') ? null : undefined),
  });
}
