/** What a run begins with: who buys, what there is, what the books say. */
import { seedUser } from '../../services/common/seed/cast.ts';
import type { Books } from '../load/reconcile.ts';
import type { Customer } from './client.ts';
import type { Assortment } from './errand.ts';
import type { SetFaults } from './inject.ts';
import { createOnlooker, type Onlooker } from './insist.ts';
import { stockOf } from './observe.ts';

export interface Stage {
  /** Asks as the administrator. */
  readonly admin: Onlooker;
  readonly customers: readonly Customer[];
  readonly stock: ReadonlyMap<string, number>;
  readonly before: Books;
  readonly assortment: Assortment;
  readonly setFaults: SetFaults;
}

export const DEMO_PASSWORD = 'federation';
const CUSTOMERS = 20;

export async function setStage(gateways: readonly string[], orders: number): Promise<Stage> {
  const stranger = createOnlooker(gateways, '');
  const admin = createOnlooker(gateways, await login(stranger, seedUser(1).username));
  const customers = await Promise.all(
    Array.from({ length: CUSTOMERS }, async (_, index): Promise<Customer> => {
      const { id, username } = seedUser(index + 2);
      return { id, token: await login(stranger, username) };
    }),
  );
  const stock = await stockOf(admin);
  return {
    ...{ admin, customers, stock, before: await booksOf(admin) },
    assortment: { customers: CUSTOMERS, ...assort(stock, orders) },
    setFaults: async (service, faults) => void (await admin.ask(setFaults, { service, ...faults })),
  };
}

export const booksOf = (admin: Onlooker): Promise<Books> =>
  admin.ask<Books>(
    '{ stockTotals { available reserved sold } paymentTotals { captured { amount } refunded { amount } } }',
  );

const setFaults = `mutation (
  $service: FaultyService!, $delay: Int! = 0, $failPercent: Float! = 0, $hang: Boolean! = false, $crash: Boolean! = false
) {
  setFaults(service: $service, delay: $delay, failPercent: $failPercent, hang: $hang, crash: $crash) { delay }
}`;

async function login(onlooker: Onlooker, username: string): Promise<string> {
  const text =
    'mutation ($username: String!, $password: String!) { login(username: $username, password: $password) { token } }';
  const variables = { username, password: DEMO_PASSWORD };
  return (await onlooker.ask<{ readonly login: { readonly token: string } }>(text, variables)).login.token;
}

/** Scarce is what has the fewest pieces: together half of what a fifth of the orders will ask for. */
function assort(
  stock: ReadonlyMap<string, number>,
  orders: number,
): { readonly plenty: readonly string[]; readonly scarce: readonly string[] } {
  const rising = [...stock].filter(([, pieces]) => pieces > 0).sort(([, a], [, b]) => a - b);
  const scarce: string[] = [];
  let pieces = 0;
  for (const [id, available] of rising) {
    if (pieces >= orders * 0.2) break;
    scarce.push(id);
    pieces += available;
  }
  return { scarce, plenty: rising.slice(scarce.length).map(([id]) => id) };
}
