/** What becomes of an order: through stock, payment and shipping, or undone where one of them says no, or nothing. On any database. */
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import type { SagaRecord } from 'moleculer-durable-events';
import type { TestDatabases } from './common/database/test-databases.ts';
import { admin, alan, barbara, startTestShop, type TestShop } from './test-shop.ts';

interface Asked {
  readonly key?: string;
  readonly token?: string;
}

export function fulfilmentContract(open: () => Promise<TestDatabases>): void {
  let shop: TestShop;
  let databases: TestDatabases;
  beforeAll(async () => {
    databases = await open();
    shop = await startTestShop({ databases });
  });
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
    await databases?.[Symbol.asyncDispose]();
  });
  afterEach(async () => {
    shop.stepTimeout();
    for (const service of ['INVENTORY', 'PAYMENTS', 'SHIPPING']) await faults(service);
  });

  const placing = `mutation ($items: [OrderItemInput!]!, $key: ID, $token: ID! = "tok_visa") {
  placeOrder(items: $items, idempotencyKey: $key, paymentToken: $token) { id status reason { code } timeline { what } }
}`;
  const cancelling = 'mutation ($id: ID!) { cancelOrder(id: $id) { id status } }';

  const variables = (productId: string, quantity: number, asked: Asked) => ({
    items: [{ productId, quantity }],
    ...asked,
  });

  async function place(productId: string, quantity = 1, asked: Asked = {}): Promise<string> {
    const { placeOrder } = await shop.data(placing, {
      variables: variables(productId, quantity, asked),
      as: alan,
    });
    expect(placeOrder).toMatchObject({ status: 'PENDING', reason: null });
    return (placeOrder as { id: string }).id;
  }

  function faults(service: string, given: object = {}) {
    return shop.data(
      `mutation ($service: FaultyService!, $delay: Int! = 0, $failPercent: Float! = 0, $hang: Boolean! = false) {
      setFaults(service: $service, delay: $delay, failPercent: $failPercent, hang: $hang) { delay }
    }`,
      { variables: { service, ...given }, as: admin },
    );
  }

  const books = async () => {
    const { stockTotals, paymentTotals } = await shop.data(
      '{ stockTotals { available reserved sold } paymentTotals { captured { amount } refunded { amount } } }',
      { as: admin },
    );
    const stock = stockTotals as { available: number; reserved: number; sold: number };
    const money = paymentTotals as { captured: { amount: number }; refunded: { amount: number } };
    return { ...stock, kept: money.captured.amount - money.refunded.amount };
  };
  async function until(holds: () => Promise<boolean>): Promise<void> {
    while (!(await holds())) await delay(10);
  }
  const names = (timeline: readonly { readonly what: string }[]) => timeline.map(({ what }) => what);

  test('an order is paid, shipped and confirmed, and its timeline tells so', async () => {
    const before = await books();
    const confirmed = shop.mesh.nextEvent('order.confirmed');
    const order = await shop.settled(await place('p3', 2));
    expect(order).toMatchObject({
      ...{ status: 'CONFIRMED', reason: null, payment: { status: 'CAPTURED' } },
      shipment: { status: 'CREATED', trackingNumber: expect.stringMatching(/^SH\d{12}$/) },
    });
    expect(names(order.timeline)).toEqual([
      ...['PLACED', 'STOCK_RESERVED', 'PAYMENT_AUTHORIZED', 'PAYMENT_CAPTURED', 'SHIPPED', 'CONFIRMED'],
    ]);
    expect(await confirmed).toMatchObject({ orderId: order.id });
    const after = await books();
    expect(after).toEqual({
      available: before.available - 2,
      reserved: 0,
      sold: before.sold + 2,
      kept: before.kept + (order.payment?.amount.amount ?? Number.NaN),
    });
  });

  test('its events reach every group, each once', async () => {
    const heard: string[] = [];
    for (const event of ['order.placed', 'order.confirmed', 'order.shipped', 'order.cancelled'])
      await shop.events.channel.subscribe(
        event,
        'test',
        async ({ message }) => void heard.push(`${event} ${message.key}`),
      );
    const id = await place('p3');
    await shop.settled(id);
    const declined = await place('p3', 1, { token: 'tok_declined' });
    await shop.settled(declined);
    await shop.handled();
    const of = (key: string) => heard.filter((each) => each.endsWith(key)).map((each) => each.split(' ')[0]);
    expect(of(id).toSorted()).toEqual(['order.confirmed', 'order.placed', 'order.shipped']);
    expect(of(declined).toSorted()).toEqual(['order.cancelled', 'order.placed']);
  });

  test('a payment that is declined gives the stock back', async () => {
    const before = await books();
    const order = await shop.settled(await place('p3', 1, { token: 'tok_declined' }));
    expect(order).toMatchObject({
      ...{ status: 'CANCELLED', reason: { code: 'PAYMENT_DECLINED' }, shipment: null },
      payment: { status: 'DECLINED' },
    });
    expect(names(order.timeline)).toEqual([
      ...['PLACED', 'STOCK_RESERVED', 'STEP_REFUSED', 'STOCK_RELEASED', 'CANCELLED'],
    ]);
    expect(await books()).toEqual(before);
  });

  test('of two who both saw the last pieces one gets them, and the other is told', async () => {
    await shop.data('mutation { restock(productId: "p42", quantity: 3) { id } }', { as: admin });
    await faults('INVENTORY', { hang: true });
    const ids = await Promise.all([place('p42', 3), place('p42', 3)]);
    await faults('INVENTORY');
    const orders = await Promise.all(ids.map((id) => shop.settled(id)));
    expect(orders.map(({ status }) => status).toSorted()).toEqual(['CANCELLED', 'CONFIRMED']);
    const lost = orders.find(({ status }) => status === 'CANCELLED');
    expect(lost?.reason).toMatchObject({ code: 'OUT_OF_STOCK' });
    expect(lost?.payment).toBeNull();
  });

  test.each([
    ['PAYMENTS', 'authorize', ['PAYMENT_VOIDED', 'STOCK_RELEASED'], null],
    ['SHIPPING', 'ship', ['SHIPMENT_CANCELLED', 'PAYMENT_REFUNDED', 'STOCK_RELEASED'], 'REFUNDED'],
  ])(
    'when %s hangs, the order is given up, and undone when it answers again',
    async (service, step, undone, payment) => {
      const before = await books();
      await faults(service, { hang: true });
      const id = await place('p3');
      const saga = () => shop.mesh.call<SagaRecord>('fulfilments.read', { saga: 'order-fulfilment', id });
      await until(async () => (await saga()).pending.some(({ name }) => name === step));
      await shop.overdue(id);
      await until(async () => (await saga()).journal.some(({ what }) => what === 'timer overdue'));
      await faults(service);
      const order = await shop.settled(id);
      expect(order).toMatchObject({ status: 'CANCELLED', reason: { code: 'ORDER_OVERDUE' } });
      expect(names(order.timeline)).toEqual(expect.arrayContaining(['STEP_OVERDUE', ...undone, 'CANCELLED']));
      if (payment) expect(order.payment).toMatchObject({ status: payment });
      // What hung goes through now, too late: it must find nothing to do.
      await until(async () => (await saga()).pending.length === 0);
      expect(await books()).toEqual(before);
    },
  );

  test('an order that no carrier takes is paid back', async () => {
    const { products } = await shop.data('{ products(first: 100) { edges { node { id weight } } } }');
    const { edges } = products as { edges: { node: { id: string; weight: number } }[] };
    const heavy = edges.map(({ node }) => node).toSorted((a, b) => b.weight - a.weight)[0];
    const quantity = Math.ceil(500_001 / (heavy?.weight ?? 1));
    expect(quantity).toBeLessThan(99);
    const restock = 'mutation ($id: ID!) { restock(productId: $id, quantity: 99) { id } }';
    await shop.data(restock, { variables: { id: heavy?.id }, as: admin });
    const before = await books();
    const order = await shop.settled(await place(heavy?.id ?? '', quantity));
    expect(order).toMatchObject({
      ...{ status: 'CANCELLED', reason: { code: 'NOT_SHIPPABLE' }, payment: { status: 'REFUNDED' } },
      shipment: null,
    });
    expect(await books()).toEqual(before);
  });

  test('services that fail three times in ten, before or after the work, change no end', async () => {
    const before = await books();
    shop.stepTimeout(700);
    for (const service of ['INVENTORY', 'PAYMENTS', 'SHIPPING']) await faults(service, { failPercent: 30 });
    const ids = await Promise.all(Array.from({ length: 10 }, () => place('p3')));
    const orders = await Promise.all(ids.map((id) => shop.settled(id)));
    const confirmed = orders.filter(({ status }) => status === 'CONFIRMED');
    const paid = confirmed.reduce((sum, { payment }) => sum + (payment?.amount.amount ?? 0), 0);
    for (const { status, reason } of orders)
      expect([status, reason?.code]).toEqual(
        status === 'CONFIRMED' ? ['CONFIRMED', undefined] : ['CANCELLED', 'ORDER_OVERDUE'],
      );
    expect(await books()).toEqual({
      available: before.available - confirmed.length,
      reserved: 0,
      sold: before.sold + confirmed.length,
      kept: before.kept + paid,
    });
  });

  test('its customer cancels an order until it is sent off', async () => {
    const before = await books();
    await faults('SHIPPING', { hang: true });
    const id = await place('p3');
    expect(await shop.data(cancelling, { variables: { id }, as: alan })).toMatchObject({
      cancelOrder: { id },
    });
    // What undoes it must get through.
    await faults('SHIPPING');
    const order = await shop.settled(id);
    expect(order).toMatchObject({ status: 'CANCELLED', reason: { code: 'CUSTOMER_CANCELLED' } });
    expect(await shop.data(cancelling, { variables: { id }, as: alan })).toEqual({
      cancelOrder: { id, status: 'CANCELLED' },
    });
    expect(await books()).toEqual(before);

    const sent = await shop.settled(await place('p3'));
    expect(await shop.codes(cancelling, { variables: { id: sent.id }, as: alan })).toEqual(['ORDER_SHIPPED']);
  });

  test('nobody cancels somebody else’s order, or one that is not', async () => {
    await faults('SHIPPING', { hang: true });
    const id = await place('p3');
    expect(await shop.codes(cancelling, { variables: { id }, as: barbara })).toEqual(['ORDER_NOT_FOUND']);
    expect(await shop.codes(cancelling, { variables: { id } })).toEqual(['UNAUTHENTICATED']);
    expect(await shop.codes(cancelling, { variables: { id: 'none' }, as: alan })).toEqual([
      'ORDER_NOT_FOUND',
    ]);
    await faults('SHIPPING');
    expect(await shop.settled(id)).toMatchObject({ status: 'CONFIRMED' });
  });

  test('the same key with the same body is the same order, also after the stock that it took is gone', async () => {
    await shop.data('mutation { restock(productId: "p28", quantity: 2) { id } }', { as: admin });
    const ask = () => shop.data(placing, { variables: variables('p28', 2, { key: 'k1' }), as: alan });
    // Whichever answer comes later may tell of an order that is on its way already.
    const both = (await Promise.all([ask(), ask()])).map(
      ({ placeOrder }) => (placeOrder as { id: string }).id,
    );
    const [one = ''] = both;
    expect(both).toEqual([one, one]);
    expect(await shop.settled(one)).toMatchObject({ status: 'CONFIRMED' });
    expect((await ask()).placeOrder).toMatchObject({ id: one, status: 'CONFIRMED' });
  });

  test('the same key with another body is a conflict; another customer’s is another key', async () => {
    const id = await place('p3', 1, { key: 'k2' });
    const ask = (productId: string, asked: Asked, as = alan) =>
      shop.codes(placing, { variables: variables(productId, 1, { key: 'k2', ...asked }), as });
    expect(await ask('p4', {})).toEqual(['IDEMPOTENCY_CONFLICT']);
    expect(await ask('p3', { token: 'tok_other' })).toEqual(['IDEMPOTENCY_CONFLICT']);
    expect(await ask('p4', {}, barbara)).toEqual([]);
    await shop.settled(id);
  });

  test('faults are for administrators, the books too', async () => {
    const fault = 'mutation { setFaults(service: PAYMENTS, hang: true) { hang } }';
    expect(await shop.codes(fault, { as: alan })).toEqual(['FORBIDDEN']);
    expect(await shop.codes(fault)).toEqual(['UNAUTHENTICATED']);
    expect(
      await shop.codes('{ stockTotals { sold } paymentTotals { captured { amount } } }', { as: alan }),
    ).toEqual(['FORBIDDEN', 'FORBIDDEN']);
  });
}
