import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import type { Kysely } from 'kysely';
import { Errors, ServiceBroker } from 'moleculer';
import { migrate } from '../../test/databases.ts';
import { describeEachDatabase } from '../../test/each-database.ts';
import { createGate } from '../testing/recorder.ts';
import { orderSaga } from './order.fixture.ts';
import type { Saga, SagaRecord } from './saga.ts';
import { type SagaRunner, startSagaRunner } from './saga-runner.ts';
import { createSagaService } from './saga-service.ts';
import { claimSagas, countStuck } from './saga-store.ts';
import { type SagaTables, sagaMigration } from './saga-tables.ts';

interface Call {
  readonly action: string;
  readonly params: unknown;
  readonly key: string;
  readonly meta: unknown;
}

/** Stands in for the broker: answers as the test says, and remembers. */
function createActions(answer: (action: string, times: number) => unknown = () => null) {
  const calls: Call[] = [];
  const call = async (action: string, params: unknown, options: { meta: { idempotencyKey: string } }) => {
    calls.push({ action, params, key: options.meta.idempotencyKey, meta: options.meta });
    return answer(action, calls.filter((made) => made.action === action).length);
  };
  return {
    calls,
    broker: { call: call as unknown as ServiceBroker['call'] },
    made: () => calls.map((made) => made.action),
  };
}
const retryable = () =>
  Object.assign(new Error('timed out'), { type: 'REQUEST_TIMEOUT', code: 504, retryable: true });
const refusal = () => new Errors.MoleculerClientError('card declined', 402, 'DECLINED');

describeEachDatabase<SagaTables>(process.env, (create) => {
  const open = async () => {
    const database = await create();
    const db = database.connect();
    await migrate(db, sagaMigration);
    return { database, db };
  };
  const origin = { source: '/orders', user: { id: 'u1', roles: [] }, correlationId: 'c1' };
  const place = async (db: Kysely<SagaTables>, runner: SagaRunner, id: string, total = 5) => {
    await db.transaction().execute((trx) => runner.start(trx, 'order', id, { total }, origin));
    runner.wake();
  };
  const until = async (
    runner: SagaRunner,
    id: string,
    ok: (record: SagaRecord) => boolean,
  ): Promise<SagaRecord> => {
    for (;;) {
      const record = await runner.read('order', id);
      if (record && ok(record)) return record;
      await delay(5);
    }
  };
  const done = (runner: SagaRunner, id: string) => until(runner, id, ({ status }) => status === 'done');

  test('commands go out on behalf of whoever began, each with its own key; the end is stored', async () => {
    const { database, db } = await open();
    await using _ = database;
    const { broker, calls } = createActions();
    const runner = startSagaRunner({ db, broker, sagas: [orderSaga] });
    await place(db, runner, '7');
    await expect(done(runner, '7')).resolves.toMatchObject({
      outcome: 'confirmed',
      state: { step: 'confirmed' },
    });
    await runner.stop();
    expect(calls).toMatchObject([
      { action: 'stock.reserve', key: 'order/7/reserve', meta: { user: origin.user, correlationId: 'c1' } },
      { action: 'payments.authorize', key: 'order/7/authorize', params: { amount: 5 } },
    ]);
  });

  test('an instance is there exactly when the transaction that began it was committed, and once', async () => {
    const { database, db } = await open();
    await using _ = database;
    const { broker, made } = createActions();
    const runner = startSagaRunner({ db, broker, sagas: [orderSaga] });
    const rolledBack = db.transaction().execute(async (trx) => {
      await runner.start(trx, 'order', 'a', { total: 1 }, origin);
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    await place(db, runner, 'b');
    await place(db, runner, 'b');
    await done(runner, 'b');
    await runner.stop();
    await expect(runner.read('order', 'a')).resolves.toBeUndefined();
    expect(made()).toEqual(['stock.reserve', 'payments.authorize']);
  });

  test('what may be cured by another attempt gets one, with the same key; a refusal does not, and is compensated', async () => {
    const { database, db } = await open();
    await using _ = database;
    const { broker, calls } = createActions((action, times) => {
      if (action === 'stock.reserve' && times === 1) throw new Error('undefined is not a function');
      if (action === 'stock.reserve' && times === 2) throw retryable();
      if (action === 'payments.authorize') throw refusal();
      return null;
    });
    const runner = startSagaRunner({ db, broker, sagas: [orderSaga], pollInterval: 5 });
    await place(db, runner, '7');
    const record = await done(runner, '7');
    await runner.stop();
    expect(record).toMatchObject({ outcome: 'cancelled', state: { step: 'cancelled' } });
    expect(record.journal.map(({ what }) => what)).toContain('failed authorize: DECLINED');
    expect(calls.map(({ key }) => key)).toEqual([
      ...Array(3).fill('order/7/reserve'),
      'order/7/authorize',
      'order/7/release',
    ]);
  });

  test('replicas share the instances and make each call once', async () => {
    const { database, db } = await open();
    await using _ = database;
    const { broker, calls } = createActions();
    const runners = [db, database.connect(), database.connect()].map((own) =>
      startSagaRunner({ db: own, broker, sagas: [orderSaga], pollInterval: 5 }),
    );
    const [runner] = runners as [SagaRunner];
    const ids = Array.from({ length: 20 }, (_, i) => `o${i}`);
    for (const id of ids) await place(db, runner, id);
    for (const id of ids) await done(runner, id);
    await Promise.all(runners.map((each) => each.stop()));
    expect(calls.map(({ key }) => key).sort()).toEqual(
      ids.flatMap((id) => [`order/${id}/authorize`, `order/${id}/reserve`]).sort(),
    );
  });

  test('what a dead replica held goes on elsewhere when its lease ends, not before', async () => {
    const { database, db } = await open();
    await using _ = database;
    const { broker, made } = createActions();
    const idle = startSagaRunner({ db, broker, sagas: [orderSaga] });
    await idle.stop();
    await place(db, idle, '7');
    const claims = await claimSagas(db, 'dead', ['order'], 10, 3_600_000);
    expect(claims).toMatchObject([{ saga: 'order', id: '7', holder: 'dead' }]);
    await expect(claimSagas(db, 'other', ['order'], 10, 3_600_000)).resolves.toEqual([]);
    const runner = startSagaRunner({ db, broker, sagas: [orderSaga], pollInterval: 5 });
    // As when the hour is over.
    await db.updateTable('durable_saga').set({ lease_until: Date.now() }).execute();
    await done(runner, '7');
    await runner.stop();
    expect(made()).toEqual(['stock.reserve', 'payments.authorize']);
  });

  test('killed in the middle of its calls, a replica leaves every instance to be finished by another', async () => {
    const { database, db } = await open();
    await using _ = database;
    const { broker, calls } = createActions();
    const idle = startSagaRunner({ db, broker, sagas: [orderSaga] });
    await idle.stop();
    const ids = Array.from({ length: 12 }, (_, i) => `o${i}`);
    for (const id of ids) await place(db, idle, id);
    const fixture = fileURLToPath(new URL('./run-until-killed.fixture.ts', import.meta.url));
    const child = spawn(process.execPath, [fixture, database.url], { stdio: ['ignore', 'pipe', 'inherit'] });
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.split('\n').length > 14) child.kill('SIGKILL');
    });
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
    const runner = startSagaRunner({ db, broker, sagas: [orderSaga], pollInterval: 5 });
    for (const id of ids) await expect(done(runner, id)).resolves.toMatchObject({ outcome: 'confirmed' });
    await runner.stop();
    // Nothing was skipped: each command was made by the one or the other, some by both, under one key.
    const keys = new Set([...printed.trim().split('\n'), ...calls.map(({ key }) => key)]);
    expect([...keys].sort()).toEqual(
      ids.flatMap((id) => [`order/${id}/authorize`, `order/${id}/reserve`]).sort(),
    );
  });

  test('stopping waits for the call under way and leaves the rest to others at once', async () => {
    const { database, db } = await open();
    await using _ = database;
    const [began, gate] = [createGate(), createGate()];
    const { broker, made } = createActions((action) => {
      began.open();
      return action === 'stock.reserve' ? gate.opened : null;
    });
    const first = startSagaRunner({ db, broker, sagas: [orderSaga], leaseMs: 600_000 });
    await place(db, first, '7');
    await began.opened;
    const stopped = first.stop();
    gate.open();
    await stopped;
    expect(made()).toEqual(['stock.reserve']);
    const second = startSagaRunner({ db, broker, sagas: [orderSaga] });
    await done(second, '7');
    await second.stop();
    expect(made()).toEqual(['stock.reserve', 'payments.authorize']);
  });

  test('events and timers reach an instance; an event for nobody is said to be', async () => {
    const { database, db } = await open();
    await using _ = database;
    const hang = createGate();
    const { broker } = createActions((action) => (action === 'payments.authorize' ? hang.opened : null));
    const impatient = {
      ...orderSaga,
      name: 'impatient',
      decide: (...of: Parameters<typeof orderSaga.decide>) =>
        orderSaga.decide(...of).map((effect) => (effect.kind === 'timer' ? { ...effect, ms: 30 } : effect)),
    };
    const runner = startSagaRunner({ db, broker, sagas: [orderSaga, impatient], pollInterval: 5 });
    await place(db, runner, '7');
    await until(runner, '7', ({ pending }) => pending.some(({ name }) => name === 'authorize'));
    await expect(runner.deliver(db, 'order', '7', { type: 'cancel' })).resolves.toBe(true);
    await expect(runner.deliver(db, 'order', '8', { type: 'cancel' })).resolves.toBe(false);
    // The cancelled order is undone while its payment still hangs.
    await expect(done(runner, '7')).resolves.toMatchObject({
      outcome: 'cancelled',
      pending: [{ name: 'authorize' }],
    });
    hang.open();
    await db.transaction().execute((trx) => runner.start(trx, 'impatient', '9', { total: 1 }, origin));
    while ((await runner.read('impatient', '9'))?.status !== 'done') await delay(5);
    await runner.stop();
  });

  test('events that come at the same time all count', async () => {
    const { database, db } = await open();
    await using _ = database;
    const counter: Saga<{ count: number }> = {
      name: 'counter',
      initialState: () => ({ count: 0 }),
      decide: () => [],
      evolve: ({ count }, input) => ({ count: count + (input.type === 'event' ? 1 : 0) }),
    };
    const runner = startSagaRunner({ db, broker: createActions().broker, sagas: [counter] });
    await db.transaction().execute((trx) => runner.start(trx, 'counter', '7', null, origin));
    const dbs = [db, database.connect(), database.connect()];
    await Promise.all(
      Array.from({ length: 24 }, (_, i) =>
        runner.deliver(dbs[i % 3] ?? db, 'counter', '7', { type: 'tick' }),
      ),
    );
    await expect(runner.read('counter', '7')).resolves.toMatchObject({ state: { count: 24 } });
    await runner.stop();
  });

  test('after a takeover a refusal is not certain any more: the dead replica may have been answered', async () => {
    const { database, db } = await open();
    await using _ = database;
    const certain: boolean[] = [];
    const watched: typeof orderSaga = {
      ...orderSaga,
      decide(state, input) {
        if (input.type === 'failed') certain.push(input.certain);
        return orderSaga.decide(state, input);
      },
    };
    const { broker } = createActions(() => {
      throw refusal();
    });
    const idle = startSagaRunner({ db, broker, sagas: [watched] });
    await idle.stop();
    await place(db, idle, 'taken');
    await claimSagas(db, 'dead', ['order'], 10, 1);
    const runner = startSagaRunner({ db, broker, sagas: [watched], pollInterval: 5 });
    await done(runner, 'taken');
    expect(certain).toEqual([false]);
    await place(db, runner, 'fresh');
    await done(runner, 'fresh');
    await runner.stop();
    expect(certain).toEqual([false, true]);
  });

  test('a stuck saga is listed with its reason, counted and told, and resumed by an action', async () => {
    const { database, db } = await open();
    await using _ = database;
    let locked = true;
    const { broker } = createActions((action) => {
      if (action === 'payments.authorize' || (action === 'stock.release' && locked)) throw refusal();
      return null;
    });
    const lines: string[] = [];
    const log = (...args: unknown[]) => void lines.push(String(args[0]));
    const mesh = new ServiceBroker({ logger: false, metrics: { enabled: true, reporter: [] } });
    const runner = startSagaRunner({
      ...{ db, sagas: [orderSaga], pollInterval: 5, logger: { info: log, warn: log, error: log } },
      broker: { ...broker, metrics: mesh.metrics },
    });
    mesh.createService(createSagaService('sagas', () => runner));
    await mesh.start();
    await place(db, runner, '7');
    await until(runner, '7', ({ status }) => status === 'stuck');
    await expect(mesh.call('sagas.list', { status: 'stuck' })).resolves.toEqual([
      {
        ...{ saga: 'order', id: '7', status: 'stuck', since: expect.stringMatching(/^20.+Z$/) },
        failures: expect.any(Number),
        lastError: 'DECLINED: release (compensation of reserve): card declined',
        waitingFor: expect.stringMatching(/^release \(stock\.release\), next attempt 20.+Z$/),
      },
    ]);
    await expect(mesh.call('sagas.list', { unchangedFor: 600_000 })).resolves.toEqual([]);
    locked = false;
    await expect(mesh.call('sagas.resume', { saga: 'order', id: '7' })).resolves.toBe(true);
    await expect(done(runner, '7')).resolves.toMatchObject({ outcome: 'cancelled' });
    await expect(countStuck(db)).resolves.toEqual(new Map());
    await mesh.stop();
    await runner.stop();
    expect(lines).toContain('saga order 7 is stuck:');
    expect(mesh.metrics.getMetric('durable.sagas.stuck')?.get({ saga: 'order' })?.value).toEqual(
      expect.any(Number),
    );
  });

  test('an event that the saga cannot take is refused, and changes nothing', async () => {
    const { database, db } = await open();
    await using _ = database;
    const hang = createGate();
    const { broker } = createActions(() => hang.opened);
    const picky = {
      ...orderSaga,
      evolve: (...[state, input]: Parameters<typeof orderSaga.evolve>) => {
        if (input.type === 'event') throw new Error('not now');
        return orderSaga.evolve(state, input);
      },
    };
    const runner = startSagaRunner({ db, broker, sagas: [picky] });
    await place(db, runner, '7');
    const before = await runner.read('order', '7');
    await expect(runner.deliver(db, 'order', '7', { type: 'cancel' })).rejects.toThrow('not now');
    await expect(runner.read('order', '7')).resolves.toEqual(before);
    hang.open();
    await runner.stop();
  });
});
