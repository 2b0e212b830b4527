import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type CallingOptions, type Context, Errors, ServiceBroker, type ServiceSchema } from 'moleculer';
import { UndeliveredError } from './errors.ts';
import { markNeverRan } from './never-ran.ts';
import { safeRetry } from './safe-retry.ts';

type Options = CallingOptions & { idempotent?: boolean };
type Run = (ctx: Context, count: number) => unknown;

const busy = () => new Errors.MoleculerRetryableError('busy', 503, 'BUSY');

/** A service whose action counts its runs and does `run`. */
function counting(name: string, run: Run, definition: object = {}) {
  const counter = { runs: 0 };
  const handler = async (ctx: Context) => run(ctx, ++counter.runs);
  const schema = { name, actions: { go: { ...definition, handler } } } as unknown as ServiceSchema;
  return Object.assign(counter, { schema });
}

function createBroker(
  nodeID: string,
  services: readonly ServiceSchema[],
  transporter: 'Fake' | null = null,
): ServiceBroker {
  const broker = new ServiceBroker({
    nodeID,
    logger: false,
    skipProcessEventRegistration: true,
    requestTimeout: 5_000,
    transporter,
    transit: { serviceChangedDebounceTime: 0 } as object,
    middlewares: [safeRetry({ delay: 1, maxDelay: 2, retries: 3 })],
  });
  for (const service of services) broker.createService(service);
  return broker;
}

const failingTwice: Run = (_ctx, count) => {
  if (count < 3) throw busy();
  return count;
};

describe('on one node', () => {
  let broker: ServiceBroker;
  const steady = counting('steady', failingTwice, { idempotent: true });
  const once = counting('once', failingTwice);
  const caller = counting('caller', (ctx) => ctx.call('nowhere.go'));
  const never = counting('never', () => Promise.reject(busy()), { idempotent: true });
  const final = counting('final', () => Promise.reject(new Error('bug')), { idempotent: true });

  beforeEach(async () => {
    for (const service of [steady, once, caller, never, final]) service.runs = 0;
    broker = createBroker('here', [steady.schema, once.schema, caller.schema, never.schema, final.schema]);
    await broker.start();
  });
  afterEach(() => broker.stop());

  test('an idempotent action is repeated on a retryable error', async () => {
    await expect(broker.call('steady.go')).resolves.toBe(3);
  });

  test('any other action is not repeated when it may have run', async () => {
    await expect(broker.call('once.go')).rejects.toThrow('busy');
    expect(once.runs).toBe(1);
  });

  test('the calling option says it for one call, either way', async () => {
    await expect(broker.call('once.go', {}, { idempotent: true } as Options)).resolves.toBe(3);
    await expect(broker.call('steady.go', {}, { idempotent: false } as Options)).rejects.toThrow('busy');
    expect(steady.runs).toBe(1);
  });

  test('an error that is not retryable is final', async () => {
    await expect(broker.call('final.go')).rejects.toThrow('bug');
    expect(final.runs).toBe(1);
  });

  test('attempts end with the number of retries, of the middleware or of the call', async () => {
    await expect(broker.call('never.go')).rejects.toThrow('busy');
    expect(never.runs).toBe(4);
    await expect(broker.call('never.go', {}, { retries: 1 })).rejects.toThrow('busy');
    expect(never.runs).toBe(6);
  });

  test('attempts end with the time that the first caller allowed', async () => {
    const options = { retries: 100_000, timeout: 60 };
    await expect(broker.call('never.go', {}, options)).rejects.toThrow('busy');
    expect(never.runs).toBeLessThan(200);
  });

  test('a call with a stream is not repeated: its data are spent', async () => {
    const stream = Readable.from(['x']);
    await expect(broker.call('steady.go', {}, { stream })).rejects.toThrow('busy');
    expect(steady.runs).toBe(1);
  });

  test('an error of a nested call is no proof that the call itself did not run', async () => {
    await expect(broker.call('caller.go')).rejects.toMatchObject({ type: 'SERVICE_NOT_FOUND' });
    expect(caller.runs).toBe(1);
  });

  test('a nested call that was undelivered is no proof either, even of an action of the same name', async () => {
    const same = counting('same', () => {
      const error = new UndeliveredError({ action: 'same.go', nodeID: 'far' });
      throw markNeverRan(error, 'the id of the nested context');
    });
    broker.createService(same.schema);
    await broker.call('$node.list');
    await expect(broker.call('same.go')).rejects.toMatchObject({ type: 'UNDELIVERED' });
    expect(same.runs).toBe(1);
  });

  test('an action that appears while its call waits is called', async () => {
    const late = counting('late', () => 'here');
    const call = broker.call('late.go', {}, { retries: 1_000 });
    broker.createService(late.schema);
    await expect(call).resolves.toBe('here');
  });
});

describe('between two nodes', () => {
  let client: ServiceBroker;
  let server: ServiceBroker;
  const once = counting('once', (ctx) => {
    (ctx.meta as Record<string, unknown>).answered = ctx.broker.nodeID;
  });
  const relay = counting('relay', () => {
    throw new Errors.ServiceNotFoundError({ action: 'relay.go', nodeID: 'a third' });
  });
  const front = counting('front', async (ctx) => {
    await ctx.call('once.go');
    return { ...ctx.meta };
  });

  const reaches = async (action: string) => {
    for (let i = 0; i < 1_000 && !client.registry.actions.isAvailable(action); i++) {
      await new Promise((done) => setTimeout(done, 2));
    }
  };

  beforeEach(async () => {
    once.runs = 0;
    server = createBroker('server', [once.schema, relay.schema], 'Fake');
    client = createBroker('client', [front.schema], 'Fake');
    await Promise.all([server.start(), client.start()]);
    await reaches('once.go');
  });
  afterEach(async () => {
    await Promise.all([server.stop(), client.stop()]);
  });

  /** Takes the action away behind the client's back, as in the moment between a service's end and its announcement. */
  function vanishUntilAsked(): void {
    const list = server.registry.getActionEndpoints('once.go');
    const [endpoint] = list?.localEndpoints ?? [];
    list!.localEndpoints = [];
    const { requestHandler } = server.transit!;
    server.transit!.requestHandler = (payload) => {
      const answer = requestHandler.call(server.transit, payload);
      list!.localEndpoints = [endpoint!];
      return answer;
    };
  }

  test('a node that no longer has the action says so, and the call is made again', async () => {
    vanishUntilAsked();
    await expect(client.call('once.go')).resolves.toBeUndefined();
    expect(once.runs).toBe(1);
  });

  test('an answer about another node is no proof: the handler that passes it on has run', async () => {
    await expect(client.call('relay.go')).rejects.toMatchObject({ type: 'SERVICE_NOT_FOUND' });
    expect(relay.runs).toBe(1);
  });

  test('a call pinned to a node stays on it', async () => {
    vanishUntilAsked();
    const call = client.call('once.go', {}, { nodeID: 'server' });
    await expect(call).resolves.toBeUndefined();
    expect(once.runs).toBe(1);
  });

  test("meta set by the attempt that succeeded reaches the caller's context", async () => {
    vanishUntilAsked();
    await expect(client.call('front.go')).resolves.toMatchObject({ answered: 'server' });
  });
});
