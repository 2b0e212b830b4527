/** A process of its own for replicas.int.test.ts: opens the stores like a starting service, then buys all of p1. */
import { openAccountStore } from '../../accounts/account-store.ts';
import type { ShopConfig } from '../../config.ts';
import { openStockStore } from '../../inventory/stock-store.ts';
import { openProductStore } from '../../products/product-store.ts';
import { productId } from '../seed/cast.ts';
import { random } from '../seed/random.ts';
import { untilUnlocked } from './busy.ts';

const [name = '', config = ''] = process.argv.slice(2);
const settings = JSON.parse(config) as ShopConfig;

const accounts = await openAccountStore(settings);
const products = await openProductStore(settings);
const stock = await openStockStore(settings);

const before = random('stock', productId(1)).integer(1, 250);
let reserved = 0;
for (let n = 0; n < before; n += 1) {
  const piece = [{ productId: productId(1), quantity: 1 }];
  // The lock goes to whoever asks in the right moment: who has bad luck is told so, and asks again.
  const outcome = await untilUnlocked(() => stock.reserve(`${name}-${n}`, piece));
  if (outcome.kind === 'reserved') reserved += 1;
}
const { kid } = await accounts.signingKey();
process.stdout.write(JSON.stringify({ products: await products.count({}), kid, before, reserved }));
await Promise.all([accounts.close(), products.close(), stock.close()]);
