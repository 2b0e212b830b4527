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
  const { token } = await login(createOnlooker(gateways, ''), seedUser(1).username, DEMO_PASSWORD);
  const admin = createOnlooker(gateways, token);
  const before = await booksOf(admin);
  // New ones: what their mails and points must be is known from what they did here.
  const customers = await Promise.all(
    Array.from({ length: CUSTOMERS }, (_, index) => register(gateways, `chaos-${index + 1}`)),
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

interface Session {
  readonly token: string;
  readonly user: { readonly id: string };
}

async function login(onlooker: Onlooker, username: string, password: string): Promise<Session> {
  const text = `mutation ($username: String!, $password: String!) {
    login(username: $username, password: $password) { token user { id } }
  }`;
  return (await onlooker.ask<{ readonly login: Session }>(text, { username, password })).login;
}

/** Has no key to be asked again under: whose answer is lost finds its name taken, and logs in. */
async function register(gateways: readonly string[], username: string): Promise<Customer> {
  const stranger = createOnlooker(gateways, '');
  const password = 'correct horse battery';
  const input = { username, email: `${username}@example.com`, name: username, password };
  const text = 'mutation ($input: RegisterInput!) { register(input: $input) { token user { id } } }';
  const { token, user } = await stranger
    .ask<{ readonly register: Session }>(text, { input }, ['USERNAME_TAKEN'])
    .then((data) => data.register)
    .catch(() => login(stranger, username, password));
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
