import {
  GraphQLSchema,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  parse,
  specifiedDirectives,
} from 'graphql';
// Not in graphql's index. Its own `buildASTSchema` is this and the constructor, in one go.
import { extendSchemaImpl } from 'graphql/utilities/extendSchema.js';
import { turnOfLoop } from './turn-of-loop.ts';

/** Types whose fields are made in one turn of the event loop: 3 ms. */
const SLICE = 100;

const EMPTY = {
  description: undefined,
  types: [],
  directives: [],
  extensions: Object.create(null),
  extensionASTNodes: [],
  assumeValid: false,
};

/**
 * `buildSchema` in slices: fifty subgraphs have five hundred types, which it would build in 30 ms, and nothing would be
 * served meanwhile.
 *
 * @param sdl must be valid: it comes out of composition.
 */
export async function buildSchemaInSlices(sdl: string): Promise<GraphQLSchema> {
  const document = parse(sdl, { noLocation: true });
  await turnOfLoop();
  const config = extendSchemaImpl(EMPTY, document, { assumeValid: true });
  const named = (name: string) => {
    const type = config.types.find((candidate) => candidate.name === name);
    return isObjectType(type) ? type : undefined;
  };
  for (const [index, type] of config.types.entries()) {
    // Made when first asked for, and kept: the constructor below then finds them all there.
    if (isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)) type.getFields();
    if (index % SLICE === SLICE - 1) await turnOfLoop();
  }
  await turnOfLoop();
  const defined = new Set(config.directives.map(({ name }) => name));
  return new GraphQLSchema({
    ...config,
    // Without a `schema` definition the roots are known by their names.
    ...(config.astNode == null && {
      query: named('Query'),
      mutation: named('Mutation'),
      subscription: named('Subscription'),
    }),
    directives: [...config.directives, ...specifiedDirectives.filter(({ name }) => !defined.has(name))],
  });
}
