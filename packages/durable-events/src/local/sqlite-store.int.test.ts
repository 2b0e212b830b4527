import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { LocalStore, StoredDelivery } from './local-store.ts';
import { createSqliteStore } from './sqlite-store.ts';

const EVENT = 'order.placed';
const GROUP = 'mail';
const nobody: ReadonlySet<string> = new Set();

let folder: string;
let store: LocalStore;
const open = () => {
  store = createSqliteStore(join(folder, 'events.db'));
};
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-'));
  open();
  store.transaction(() => store.ensureGroup(EVENT, GROUP, 'first'));
});
afterEach(async () => {
  store.close();
  await rm(folder, { recursive: true, force: true });
});

const append = (...keys: string[]) => {
  for (const [at, key] of keys.entries()) {
    const id = `${key}-${at}`;
    store.append(EVENT, { id, key, headers: {}, data: new TextEncoder().encode(id) }, 0);
  }
};
const due = (busy = nobody, limit = 8): StoredDelivery[] => store.due(EVENT, GROUP, 0, busy, limit);
const ids = (deliveries: readonly StoredDelivery[]) => deliveries.map(({ message }) => message.id);
/** Handles all that waits. */
const drain = (): string[] => {
  const handled: string[] = [];
  for (;;) {
    const batch = store.transaction(() => {
      const found = due();
      for (const { seq } of found) store.begin(EVENT, GROUP, seq);
      return found;
    });
    if (batch.length === 0) return handled;
    store.transaction(() => {
      for (const { seq } of batch) store.settle(EVENT, GROUP, seq);
    });
    handled.push(...ids(batch));
  }
};

test('a queue longer than what is kept of it in memory is handled whole and in order per key', () => {
  const keys = Array.from({ length: 2_500 }, (_, at) => `k${at % 3}`);
  store.transaction(() => append(...keys));
  store.close();
  open();
  const handled = drain();
  for (const key of ['k0', 'k1', 'k2'])
    expect(handled.filter((id) => id.startsWith(key))).toEqual(
      keys.map((of, at) => `${of}-${at}`).filter((id) => id.startsWith(key)),
    );
});

test('a long queue of a busy key does not hide the keys behind it', () => {
  store.transaction(() => append(...Array.from({ length: 2_500 }, () => 'busy'), 'free'));
  store.close();
  open();
  expect(store.transaction(() => ids(due(new Set(['busy']))))).toEqual(['free-2500']);
});

test('what a failed transaction did is undone in memory too', () => {
  store.transaction(() => append('a', 'b'));
  expect(() =>
    store.transaction(() => {
      for (const { seq } of due()) {
        store.begin(EVENT, GROUP, seq);
        store.settle(EVENT, GROUP, seq);
      }
      append('c');
      throw new Error('disk full');
    }),
  ).toThrow('disk full');
  // Takes the number that was given back.
  store.transaction(() => append('d'));
  const found = store.transaction(() => due());
  expect(ids(found)).toEqual(['a-0', 'b-1', 'd-0']);
  expect(found.map(({ attempts }) => attempts)).toEqual([0, 0, 0]);
});

test('what is published to groups that are waiting is begun and settled in the file, each group for itself', () => {
  const groups = ['analytics', 'mail', 'points'];
  store.transaction(() => {
    for (const group of groups) {
      store.ensureGroup(EVENT, group, 'first');
      expect(store.due(EVENT, group, 0, nobody, 8)).toEqual([]);
    }
  });
  store.transaction(() => append('a', 'b'));
  store.transaction(() => {
    for (const { seq } of due()) store.begin(EVENT, GROUP, seq);
    for (const { seq } of store.due(EVENT, 'points', 0, nobody, 1)) store.settle(EVENT, 'points', seq);
  });
  store.close();
  open();
  const left = (group: string) =>
    store.due(EVENT, group, 0, nobody, 8).map(({ message, attempts }) => [message.id, attempts]);
  expect(store.transaction(() => groups.map(left))).toEqual([
    [
      ['a-0', 0],
      ['b-1', 0],
    ],
    [
      ['a-0', 1],
      ['b-1', 1],
    ],
    [['b-1', 0]],
  ]);
});
