import { expect, test } from '@jest/globals';
import type { TestDatabases } from '../common/database/test-databases.ts';
import { euros } from '../common/money.ts';
import type { Charge } from './charge.ts';
import { openFakeProvider } from './fake-provider.ts';
import { openPaymentStore, type Payment } from './payment-store.ts';

const payment = (status: Payment['status'], updatedAt: number): Payment => ({
  ...{ orderId: 'o1', customerId: 'u1', amount: euros(500), status, updatedAt },
});
const charge = (reference: string, amount = 500): Charge => ({
  ...{ reference, amount: euros(amount), token: 'tok_visa' },
});

export function paymentStoreContract(fresh: TestDatabases['fresh']): void {
  test('a payment goes forward only, in whatever order its answers are noted', async () => {
    const store = await openPaymentStore(await fresh());
    await store.note(payment('captured', 2));
    await store.note(payment('authorized', 3));
    expect(await store.byOrders(['o1', 'o2'])).toEqual([payment('captured', 2)]);
    await store.note(payment('refunded', 4));
    await store.note(payment('captured', 5));
    expect(await store.byOrders(['o1'])).toEqual([payment('refunded', 4)]);
    await store.close();
  });
}

export function providerContract(fresh: TestDatabases['fresh']): void {
  test('a request that is repeated is answered as the first time and moves no money again', async () => {
    const provider = await openFakeProvider(await fresh());
    expect(await provider.request('k1', 'authorize', charge('o1'))).toBe('authorized');
    expect(await provider.request('k2', 'capture', charge('o1'))).toBe('captured');
    expect(await provider.request('k1', 'authorize', charge('o1'))).toBe('authorized');
    expect(await provider.request('k2', 'capture', charge('o1'))).toBe('captured');
    expect(await provider.totals()).toEqual({ captured: 500, refunded: 0 });
    await provider.close();
  });

  test('a key used for another request is a conflict, and nothing moves', async () => {
    const provider = await openFakeProvider(await fresh());
    await provider.request('k1', 'authorize', charge('o1'));
    for (const [operation, other] of [
      ['authorize', charge('o1', 501)],
      ['authorize', charge('o2')],
      ['capture', charge('o1')],
    ] as const)
      await expect(provider.request('k1', operation, other)).rejects.toMatchObject({
        type: 'IDEMPOTENCY_CONFLICT',
      });
    expect(await provider.request('k2', 'capture', charge('o2'))).toBeUndefined();
    expect(await provider.totals()).toEqual({ captured: 0, refunded: 0 });
    await provider.close();
  });

  test('of a capture and a refund at the same time, through two replicas, no money remains', async () => {
    const config = await fresh();
    const [one, two] = await Promise.all([openFakeProvider(config), openFakeProvider(config)]);
    for (let n = 0; n < 8; n++) {
      const each = charge(`o${n}`);
      await one.request(`a${n}`, 'authorize', each);
      await Promise.all([one.request(`c${n}`, 'capture', each), two.request(`r${n}`, 'refund', each)]);
    }
    const { captured, refunded } = await one.totals();
    expect(captured - refunded).toBe(0);
    await Promise.all([one.close(), two.close()]);
  });

  test('many at once under one key are one', async () => {
    const provider = await openFakeProvider(await fresh());
    await provider.request('a', 'authorize', charge('o1'));
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => provider.request('c', 'capture', charge('o1'))),
    );
    expect(new Set(answers)).toEqual(new Set(['captured']));
    expect(await provider.totals()).toEqual({ captured: 500, refunded: 0 });
    await provider.close();
  });
}
