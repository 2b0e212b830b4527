import { expect, test } from '@jest/globals';
import { PRODUCTS, seedProduct, seedUser, USERS } from './cast.ts';
import { random } from './random.ts';

const products = Array.from({ length: PRODUCTS }, (_, index) => seedProduct(index + 1));

test('the same numbers come out everywhere and for ever', () => {
  const draw = random('a', 1);
  expect([draw.integer(0, 999), draw.integer(0, 999), draw.integer(0, 999)]).toEqual([459, 394, 271]);
  expect(random('a', 1).next()).not.toBe(random('a', 2).next());
});

test('random numbers fill their range evenly', () => {
  const draw = random('evenness');
  const counts = Array.from({ length: 10 }, () => 0);
  for (let i = 0; i < 10_000; i += 1) {
    const bucket = draw.integer(0, 9);
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  expect(Math.min(...counts)).toBeGreaterThan(900);
  expect(Math.max(...counts)).toBeLessThan(1_100);
});

test('a sample holds different items', () => {
  expect(random('sample').sample([1, 2, 3], 9).toSorted()).toEqual([1, 2, 3]);
});

test('products have different names, and prices and weights in the range of their kind', () => {
  expect(new Set(products.map(({ name }) => name)).size).toBe(PRODUCTS);
  for (const { price, weight, kind } of products) {
    expect(price).toBeGreaterThanOrEqual((kind.price[0] - 1) * 100);
    expect(price).toBeLessThanOrEqual(kind.price[1] * 100);
    expect(weight).toBeGreaterThanOrEqual(kind.weight[0]);
    expect(weight).toBeLessThanOrEqual(kind.weight[1]);
  }
});

test('users have different usernames and emails', () => {
  const users = Array.from({ length: USERS }, (_, index) => seedUser(index + 1));
  expect(new Set(users.map(({ username }) => username)).size).toBe(USERS);
  for (const { username, email } of users) {
    expect(username).toMatch(/^[a-z0-9][a-z0-9._-]*$/);
    expect(email).toBe(`${username}@example.com`);
  }
});
