/** Changed prices and stock are seen at once, on every replica, whatever is cached. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { admin, alan, startTestShop, type TestShop } from './test-shop.ts';

let shop: TestShop;
beforeAll(async () => {
  shop = await startTestShop();
});
afterAll(async () => {
  await shop?.[Symbol.asyncDispose]();
});

const price = '{ product(id: "p10") { price { amount } } }';

test('a changed price is read from every replica, cached or not, and from cached shipping quotes', async () => {
  const cart = '{ cartQuotes(items: [{ productId: "p10" }]) { price { amount } } }';
  // Round robin: both replicas of products have it cached now.
  for (let i = 0; i < 4; i += 1) await shop.data(price);
  await shop.data('mutation { changePrice(id: "p10", amount: 900) { price { amount } } }', { as: admin });
  await shop.data(cart);
  await shop.data('mutation { changePrice(id: "p10", amount: 20000) { id } }', { as: admin });
  await shop.mesh.settled();
  for (let i = 0; i < 4; i += 1)
    expect(await shop.data(price)).toEqual({ product: { price: { amount: 20_000 } } });
  const { cartQuotes } = await shop.data(cart);
  expect((cartQuotes as { price: { amount: number } }[])[0]).toEqual({ price: { amount: 0 } });
  expect(shop.mesh.emitted('product.priceChanged').at(-1)).toMatchObject({
    productId: 'p10',
    oldPrice: { amount: 900 },
    newPrice: { amount: 20_000 },
  });
});

test('restocking is seen on every replica', async () => {
  const stock = '{ product(id: "p14") { inStock available } }';
  for (let i = 0; i < 4; i += 1)
    expect(await shop.data(stock)).toEqual({ product: { inStock: false, available: 0 } });
  await shop.data('mutation { restock(productId: "p14", quantity: 7) { name available } }', { as: admin });
  await shop.mesh.settled();
  for (let i = 0; i < 4; i += 1)
    expect(await shop.data(stock)).toEqual({ product: { inStock: true, available: 7 } });
  expect(shop.mesh.emitted('stock.changed').at(-1)).toEqual({ productId: 'p14', available: 7 });
});

test('only administrators change prices and stock', async () => {
  expect(await shop.codes('mutation { changePrice(id: "p1", amount: 1) { id } }', { as: alan })).toEqual([
    'FORBIDDEN',
  ]);
  expect(await shop.codes('mutation { restock(productId: "p1", quantity: 1) { id } }', { as: alan })).toEqual(
    ['FORBIDDEN'],
  );
  expect(await shop.codes('mutation { changePrice(id: "p0", amount: 1) { id } }', { as: admin })).toEqual([
    'PRODUCT_NOT_FOUND',
  ]);
});
