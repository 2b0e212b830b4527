/** Who is who: registration, login, and what is for its owner’s eyes. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { alan, startTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

const register = `mutation ($input: RegisterInput!) {
  register(input: $input) { token expiresAt user { id username email name } }
}`;
const input = {
  username: 'Grace.H',
  email: 'Grace@Example.com',
  name: 'Grace H.',
  password: 'correct horse battery',
};

test('who registers is told its own email, and logs in with name and password', async () => {
  const event = shop.mesh.nextEvent('user.registered');
  const { register: session } = await shop.data(register, { variables: { input } });
  expect(session).toMatchObject({
    user: { username: 'grace.h', email: 'grace@example.com', name: 'Grace H.' },
  });
  // The whole mesh hears it: no address in there.
  expect(JSON.stringify(await event)).not.toContain('example.com');
  const login = `mutation ($password: String!) { login(username: "GRACE.h", password: $password) { user { id } } }`;
  const { login: again } = await shop.data(login, { variables: { password: input.password } });
  expect(again).toEqual({ user: { id: (session as { user: { id: string } }).user.id } });
  expect(await shop.codes(login, { variables: { password: 'wrong' } })).toEqual(['BAD_CREDENTIALS']);
});

test('names and addresses are taken once, whatever their case', async () => {
  const variables = { input: { ...input, username: 'taken.once', email: 'once@example.com' } };
  await shop.data(register, { variables });
  const sameName = { input: { ...variables.input, username: 'TAKEN.once', email: 'x@example.com' } };
  expect(await shop.codes(register, { variables: sameName })).toEqual(['USERNAME_TAKEN']);
  const sameEmail = { input: { ...variables.input, username: 'another', email: 'ONCE@example.com' } };
  expect(await shop.codes(register, { variables: sameEmail })).toEqual(['EMAIL_TAKEN']);
});

test('a bad registration names the field, never the value', async () => {
  const bad = { ...input, username: 'bad name', password: 'short' };
  const { errors } = await shop.mesh.query(register, { variables: { input: bad } });
  expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  expect(JSON.stringify(errors)).toContain('password');
  expect(JSON.stringify(errors)).not.toContain('"short"');
});

test('an email is for its owner’s eyes', async () => {
  const query = '{ me { email } user(id: "u3") { email } }';
  expect(await shop.data(query, { as: alan })).toEqual({
    me: { email: 'alan.okafor@example.com' },
    user: { email: null },
  });
});
