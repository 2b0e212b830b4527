/** Somebody who comes to the shop, registers, looks around and orders now and then. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../services/common/seed/random.ts';
import { ask, RefusedError } from './client.ts';
import type { Customer } from './listeners.ts';
import type { PlacedOrder } from './reconcile.ts';

const PASSWORD = 'correct horse battery';
/** Ten a second at first; after a minute it is told as it is. */
const SETTLE_TRIES = 600;

const registering = `mutation ($input: RegisterInput!) { register(input: $input) { token user { id } } }`;
const loggingIn = `mutation ($username: String!, $password: String!) {
  login(username: $username, password: $password) { token user { id } }
}`;
const listing = `query ($filter: ProductFilter) { products(first: 20, filter: $filter) { edges { node {
  id name price { amount } inStock averageRating
} } } }`;
const looking = `query ($id: ID!) { product(id: $id) {
  name description price { amount } available shippingEstimate { amount }
  reviews(first: 3) { edges { node { rating title author { name } } } } boughtTogether(first: 3) { id name }
} }`;
const placing = `mutation ($items: [OrderItemInput!]!, $key: ID!, $token: ID!) {
  placeOrder(items: $items, idempotencyKey: $key, paymentToken: $token) { id }
}`;
const cancelling = 'mutation ($id: ID!) { cancelOrder(id: $id) { id } }';
const reading = `query ($id: ID!) { order(id: $id) {
  id status total { amount } lines { quantity } payment { status }
} }`;
const rewards = `query ($after: String) { me { loyaltyPoints }
  mailbox(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { id } } } }`;
const categories = ['Audio', 'Coffee', 'Kitchen', 'Office', 'Outdoor', 'Cycling'];

/** A login that is made anew when its token has expired. */
export class Account {
  readonly #url: string;
  readonly #credentials: { readonly username: string; readonly password: string };
  #token = '';

  constructor(url: string, username: string, password: string) {
    this.#url = url;
    this.#credentials = { username, password };
  }

  async register(): Promise<string> {
    const { username } = this.#credentials;
    const input = { ...this.#credentials, email: `${username}@example.com`, name: username };
    type Registered = { register: { token: string; user: { id: string } } };
    const { register } = await ask<Registered>(this.#url, registering, { input });
    this.#token = register.token;
    return register.user.id;
  }

  async login(): Promise<void> {
    const { login } = await ask<{ login: { token: string } }>(this.#url, loggingIn, this.#credentials);
    this.#token = login.token;
  }

  async ask<T>(query: string, variables: object = {}): Promise<T> {
    try {
      return await ask<T>(this.#url, query, variables, this.#token);
    } catch (error) {
      if (!(error instanceof RefusedError) || error.code !== 'TOKEN_EXPIRED') throw error;
      await this.login();
      return ask<T>(this.#url, query, variables, this.#token);
    }
  }
}

export class Shopper {
  readonly #account: Account;
  readonly #random: Random;
  readonly #orderIds: string[] = [];
  #id = '';

  constructor(url: string, name: string, random: Random) {
    this.#account = new Account(url, name, PASSWORD);
    this.#random = random;
  }

  async register(): Promise<void> {
    this.#id = await this.#account.register();
  }

  /**
   * One visit: looks at a list and at a product or two, and orders. Of ten orders one is declined, one is sent twice at
   * once, and one is cancelled at once, which may come too late.
   *
   * @throws RefusedError when the order was refused.
   */
  async visit(): Promise<void> {
    const filter = this.#random.pick([null, { category: this.#random.pick(categories) }]);
    type Listed = { products: { edges: { node: { id: string } }[] } };
    const { products } = await this.#account.ask<Listed>(listing, { filter });
    const shown = products.edges.map(({ node }) => node.id);
    // What stands on the first page is bought by many: orders meet at the same products.
    const wanted = this.#random.sample(
      [...shown, `p${this.#random.integer(1, 1_000)}`],
      this.#random.pick([1, 1, 2, 3]),
    );
    for (const id of wanted.slice(0, 2)) await this.#account.ask(looking, { id });
    const mood = this.#random.integer(0, 9);
    const order = {
      items: wanted.map((productId) => ({ productId, quantity: this.#random.pick([1, 1, 1, 2]) })),
      ...{ key: randomUUID(), token: mood === 0 ? 'tok_declined' : 'tok_visa' },
    };
    const send = async () =>
      (await this.#account.ask<{ placeOrder: { id: string } }>(placing, order)).placeOrder.id;
    const ids = await Promise.all(mood === 1 ? [send(), send()] : [send()]);
    this.#orderIds.push(...new Set(ids));
    if (mood === 2)
      await this.#account.ask(cancelling, { id: ids[0] }).catch((error) => {
        if (!(error instanceof RefusedError)) throw error;
      });
  }

  /** All that it ordered, when it is final, or as it is after a minute. */
  async orders(): Promise<PlacedOrder[]> {
    const orders: PlacedOrder[] = [];
    for (const id of this.#orderIds) orders.push(await this.#settled(id));
    return orders;
  }

  /** @param orders from `orders()`: they do not change any more, points and mails may. */
  async customer(orders: readonly PlacedOrder[]): Promise<Customer> {
    type Rewards = {
      me: { loyaltyPoints: number };
      mailbox: { pageInfo: { hasNextPage: boolean; endCursor: string }; edges: { node: { id: string } }[] };
    };
    const mails: string[] = [];
    for (let after: string | null = null; ; ) {
      const { me, mailbox }: Rewards = await this.#account.ask<Rewards>(rewards, { after });
      mails.push(...mailbox.edges.map(({ node }) => node.id));
      if (!mailbox.pageInfo.hasNextPage) return { id: this.#id, orders, points: me.loyaltyPoints, mails };
      after = mailbox.pageInfo.endCursor;
    }
  }

  async #settled(id: string): Promise<PlacedOrder> {
    for (let tries = 1; ; tries += 1) {
      const { order } = await this.#account.ask<{ order: PlacedOrder }>(reading, { id });
      if (order.status !== 'PENDING' || tries === SETTLE_TRIES) return order;
      await delay(100);
    }
  }
}
