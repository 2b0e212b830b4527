/** What a run begins with: who buys, what there is, what the books say. */
import { seedUser } from '../../services/common/seed/cast.ts';
import { type AllBooks, readBooks } from '../load/books.ts';
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
  readonly before: AllBooks;
  readonly assortment: Assortment;
  readonly setFaults: SetFaults;
}

export const DEMO_PASSWORD = 'federation';
const CUSTOMERS = 20;

export async function setStage(gateways: readonly string[], orders: number): Promise<Stage> {
  const stranger = createOnlooker(gateways, '');
  const admin = createOnlooker(gateways, await login(stranger, seedUser(1).username));
  const before = await booksOf(admin);
  // New ones: what their mails and points must be is known from what they did here.
  const customers = await Promise.all(
    Array.from({ length: CUSTOMERS }, (_, index) => register(stranger, `chaos-${index + 1}`)),
  );
  const stock = await stockOf(admin);
  return {
    ...{ admin, customers, stock, before },
    assortment: { customers: CUSTOMERS, ...assort(stock, orders) },
    setFaults: async (service, faults) => void (await admin.ask(setFaults, { service, ...faults })),
  };
}

export const booksOf = (admin: Onlooker): Promise<AllBooks> => admin.ask<AllBooks>(readBooks);

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

async function register(onlooker: Onlooker, username: string): Promise<Customer> {
  const input = {
    username,
    email: `${username}@example.com`,
    name: username,
    password: 'correct horse battery',
  };
  const text = 'mutation ($input: RegisterInput!) { register(input: $input) { token user { id } } }';
  type Registered = { readonly register: { readonly token: string; readonly user: { readonly id: string } } };
  const { token, user } = (await onlooker.ask<Registered>(text, { input })).register;
  return { id: user.id, token };
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
