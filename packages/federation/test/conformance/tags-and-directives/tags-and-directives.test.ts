import { describe, expect, test } from '@jest/globals';
import { federate } from '../../support/federate.ts';

const link = (more: string) =>
  `extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key", "@tag", "@composeDirective", "@inaccessible"]) ${more}\n`;

const tagged = {
  sdl: `${link('@link(url: "https://example.org/audit/v1.0", import: ["@audited"]) @composeDirective(name: "@audited")')}
    directive @audited(by: String!) on FIELD_DEFINITION
    type Query { user: User } type User @key(fields: "id") { id: ID! mail: String @tag(name: "private") @audited(by: "ops") secret: Int @inaccessible }`,
  resolvers: { Query: { user: () => ({ id: '1', mail: 'm', secret: 7 }) } },
};
const plain = {
  sdl: `${link('')} type User @key(fields: "id") { id: ID! visits: Int }`,
  resolvers: { User: { visits: () => 3 } },
};

describe('@tag and @composeDirective', () => {
  test('change no answer, and are in the supergraph for those who read it', async () => {
    await using federation = await federate({ tagged, plain });
    expect(await federation.query('{ user { mail visits } }')).toEqual({
      data: { user: { mail: 'm', visits: 3 } },
    });
    expect(federation.generation.supergraphSdl).toMatch(/mail: String.*@tag\(name: "private"\)/);
    expect(federation.generation.supergraphSdl).toMatch(/mail: String.*@audited\(by: "ops"\)/);
  });
});

describe('what is @inaccessible', () => {
  test('cannot be asked for', async () => {
    await using federation = await federate({ tagged, plain });
    const { data, errors } = await federation.query('{ user { secret } }');
    expect(data).toBeUndefined();
    expect(errors).toMatchObject([{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }]);
  });

  test('may still be a key', async () => {
    const a = {
      sdl: `${link('')} type Query { thing: Thing } type Thing @key(fields: "sku") { sku: ID! @inaccessible name: String }`,
      resolvers: { Query: { thing: () => ({ sku: 's1', name: 'n' }) } },
    };
    const b = {
      sdl: `${link('')} type Thing @key(fields: "sku") { sku: ID! stock: String }`,
      resolvers: { Thing: { stock: ({ sku }: { sku: string }) => `of ${sku}` } },
    };
    await using federation = await federate({ a, b });
    expect(await federation.query('{ thing { stock name } }')).toEqual({
      data: { thing: { stock: 'of s1', name: 'n' } },
    });
  });
});
