import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  type DocumentNode,
  type EnumValueDefinitionNode,
  type FieldDefinitionNode,
  Kind,
} from 'graphql';
import { enumArgument, stringArgument } from '../../join-directives.ts';
import type { Link } from './find-links.ts';
import { shownTypes } from './shown-types.ts';

/** A link and the made-up subgraph that it moves to. */
export interface Move {
  readonly link: Link;
  /** Its name in `join__Graph`. */
  readonly graph: string;
  /** Its name in plans. */
  readonly service: string;
}

type Directives = readonly ConstDirectiveNode[];

/** The supergraph in which each link is resolved by its made-up subgraph, and no more by the one that it was in. */
export function moveLinks(supergraph: DocumentNode, moves: readonly Move[]): DocumentNode {
  const showings = moves.map((move) => ({ ...move, shown: shownTypes(supergraph, move.link) }));

  /** A definition's directives, and copies of them for the made-up subgraphs that it is shown to. */
  const shownOn = (
    directives: Directives | undefined,
    isShown: (showing: (typeof showings)[number]) => boolean | undefined,
  ): Directives => [
    ...(directives ?? []),
    ...showings
      .filter(isShown)
      .flatMap(({ link, graph }) =>
        (directives ?? [])
          .filter((directive) => enumArgument(directive, 'graph') === link.graph)
          .map((directive) => copyFor(graph, directive)),
      ),
  ];

  const rewriteField = (type: string, field: FieldDefinitionNode): FieldDefinitionNode => {
    const own = moves.filter(({ link }) => link.type === type && link.field.name.value === field.name.value);
    const shown = shownOn(
      field.directives,
      (showing) =>
        showing.shown.get(type)?.has(field.name.value) && !own.some(({ graph }) => graph === showing.graph),
    );
    const directives = shown.map((directive) => {
      const move = own.find(({ link }) => link.graph === enumArgument(directive, 'graph'));
      return move ? withArguments(directive, [graphArgument(move.graph)]) : directive;
    });
    return { ...field, directives };
  };

  return {
    ...supergraph,
    definitions: supergraph.definitions.map((definition): DefinitionNode => {
      if (!('name' in definition) || !definition.name) return definition;
      const name = definition.name.value;
      const directivesOf = (node: { readonly directives?: Directives }): Directives =>
        shownOn(node.directives, ({ shown }) => shown.has(name));
      switch (definition.kind) {
        case Kind.OBJECT_TYPE_DEFINITION:
        case Kind.INTERFACE_TYPE_DEFINITION:
          return {
            ...definition,
            directives: directivesOf(definition),
            fields: (definition.fields ?? []).map((field) => rewriteField(name, field)),
          };
        case Kind.ENUM_TYPE_DEFINITION:
          if (name === 'join__Graph')
            return { ...definition, values: [...(definition.values ?? []), ...moves.map(graphValue)] };
          return {
            ...definition,
            directives: directivesOf(definition),
            values: (definition.values ?? []).map((value) => ({ ...value, directives: directivesOf(value) })),
          };
        case Kind.INPUT_OBJECT_TYPE_DEFINITION:
          return {
            ...definition,
            directives: directivesOf(definition),
            fields: (definition.fields ?? []).map((field) => ({ ...field, directives: directivesOf(field) })),
          };
        case Kind.SCALAR_TYPE_DEFINITION:
        case Kind.UNION_TYPE_DEFINITION:
          return { ...definition, directives: directivesOf(definition) };
        default:
          return definition;
      }
    }),
  };
}

/** What is provided, or required in turn, is not the made-up subgraph's: a link there is `@external`, for it has moved. */
function copyFor(graph: string, directive: ConstDirectiveNode): ConstDirectiveNode {
  const isLink = stringArgument(directive, 'requires') !== undefined;
  const given = new Set(['requires', 'provides']);
  const kept = (directive.arguments ?? []).filter(({ name }) => !given.has(name.value));
  const external = argument('external', { kind: Kind.BOOLEAN, value: true });
  return withArguments({ ...directive, arguments: kept }, [
    graphArgument(graph),
    ...(isLink ? [external] : []),
  ]);
}

/** The directive with these arguments, in place of any of the same names. */
function withArguments(
  directive: ConstDirectiveNode,
  given: readonly ConstArgumentNode[],
): ConstDirectiveNode {
  const names = given.map(({ name }) => name.value);
  const others = (directive.arguments ?? []).filter(({ name }) => !names.includes(name.value));
  return { ...directive, arguments: [...given, ...others] };
}

const argument = (name: string, value: ConstValueNode): ConstArgumentNode => ({
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: name },
  value,
});

const graphArgument = (graph: string): ConstArgumentNode =>
  argument('graph', { kind: Kind.ENUM, value: graph });

const graphValue = ({ graph, service }: Move): EnumValueDefinitionNode => ({
  kind: Kind.ENUM_VALUE_DEFINITION,
  name: { kind: Kind.NAME, value: graph },
  directives: [
    {
      kind: Kind.DIRECTIVE,
      name: { kind: Kind.NAME, value: 'join__graph' },
      arguments: [
        argument('name', { kind: Kind.STRING, value: service }),
        argument('url', { kind: Kind.STRING, value: '' }),
      ],
    },
  ],
});
