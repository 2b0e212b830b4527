/** One contract suite per store, run on each database the shop can live on. */
import { afterAll, beforeAll, describe } from '@jest/globals';
import { accountStoreContract } from './accounts/account-store.contract.ts';
import { salesStoreContract } from './analytics/sales-store.contract.ts';
import { databaseContract } from './common/database/database.contract.ts';
import { postgresDatabases, sqliteDatabases, type TestDatabases } from './common/database/test-databases.ts';
import { stockStoreContract } from './inventory/stock-store.contract.ts';
import { loyaltyStoreContract } from './loyalty/loyalty-store.contract.ts';
import { mailboxStoreContract } from './notifications/mailbox-store.contract.ts';
import { orderStoreContract } from './orders/order-store.contract.ts';
import { paymentStoreContract, providerContract } from './payments/payment-store.contract.ts';
import { productStoreContract } from './products/product-store.contract.ts';
import { pairStoreContract } from './recommendations/pair-store.contract.ts';
import { reviewStoreContract } from './reviews/review-store.contract.ts';
import { rateStoreContract } from './shipping/rate-store.contract.ts';
import { shipmentStoreContract } from './shipping/shipment-store.contract.ts';

const kinds = [
  { name: 'SQLite', open: sqliteDatabases, skip: false },
  {
    name: 'PostgreSQL',
    open: postgresDatabases,
    skip: process.env.SKIP_POSTGRES === '1' && process.env.CI !== 'true',
  },
];

for (const { name, open, skip } of kinds)
  (skip ? describe.skip : describe)(`on ${name}`, () => {
    let databases: TestDatabases;
    beforeAll(async () => {
      databases = await open();
    });
    afterAll(async () => {
      await databases[Symbol.asyncDispose]();
    });

    const fresh: TestDatabases['fresh'] = (options) => databases.fresh(options);
    describe('a database', () => databaseContract(fresh));
    describe('the account store', () => accountStoreContract(fresh));
    describe('the product store', () => productStoreContract(fresh));
    describe('the stock store', () => stockStoreContract(fresh));
    describe('the review store', () => reviewStoreContract(fresh));
    describe('the order store', () => orderStoreContract(fresh));
    describe('the mailbox store', () => mailboxStoreContract(fresh));
    describe('the loyalty store', () => loyaltyStoreContract(fresh));
    describe('the pair store', () => pairStoreContract(fresh));
    describe('the sales store', () => salesStoreContract(fresh));
    describe('the rate store', () => rateStoreContract(fresh));
    describe('the shipment store', () => shipmentStoreContract(fresh));
    describe('the payment store', () => paymentStoreContract(fresh));
    describe('the payment provider', () => providerContract(fresh));
  });

afterAll(() => {
  for (const { name, skip } of kinds)
    if (skip) process.stderr.write(`\nNOT RUN: the stores on ${name} (SKIP_POSTGRES=1)\n`);
});
