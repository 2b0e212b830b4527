/** The few requests the discoverer makes, on the `consul` client; every failure is a ConsulError that names the request. */
import { EventEmitter } from 'node:events';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { types } from 'node:util';
import Consul from 'consul';
import type { Registration } from './catalogue.ts';
import { ConsulError } from './errors.ts';
import type { Names } from './names.ts';
import type { Settings } from './options.ts';

/** Milliseconds an ordinary request may take; a hung agent must not hold a beat for longer than a TTL allows. */
const REQUEST_TIMEOUT = 5_000;

/** Seconds a blocking query waits for a change. Consul adds up to a sixteenth, so that its clients spread out. */
const BLOCKING_WAIT = 30;

export interface KvPair {
  readonly key: string;
  readonly value: Buffer;
  readonly modifyIndex: number;
}

/** Each method rejects with a ConsulError only, and by `REQUEST_TIMEOUT` at the latest (`health`: its wait more). */
export interface ConsulApi {
  putKey(key: string, value: Buffer): Promise<void>;
  getKey(key: string): Promise<KvPair | undefined>;
  /** Every pair below the prefix, in one request. */
  listKeys(prefix: string): Promise<KvPair[]>;
  /** Deletes only the very version that was read. */
  deleteKey(key: string, modifyIndex: number): Promise<void>;
  register(registration: Registration): Promise<void>;
  deregister(id: string): Promise<void>;
  /** Ids of the services this agent knows, as far as the token may see them. */
  agentServices(): Promise<string[]>;
  /** Agent-local: costs no Raft write. Rejects with `unknown-check` when the agent has lost the registration. */
  pass(check: string): Promise<void>;
  /** All instances of a service, healthy or not. With an index it answers at the next change after it, or after its wait. */
  health(service: string, index: bigint, signal: AbortSignal): Promise<{ index: bigint; body: unknown }>;
  /** What the token sees of the catalogue: tells a missing node rule from a missing service rule. */
  visible(): Promise<{ readonly nodes: number; readonly services: readonly string[] }>;
  /** Ends all connections; requests under way fail. */
  close(): void;
}

export function createConsulApi(settings: Settings, names: Names): ConsulApi {
  const secure = settings.agent.protocol === 'https:';
  // One socket is held by the blocking query; agents take 200 connections from one address by default.
  const pool = { keepAlive: true, maxSockets: 4, maxFreeSockets: 1 };
  const agent = secure ? new HttpsAgent({ ...pool, ...settings.tls }) : new HttpAgent(pool);
  const client = new Consul({
    host: settings.agent.hostname,
    port: Number(settings.agent.port || (secure ? 443 : 80)),
    secure,
    agent,
    defaults: settings.token ? { token: settings.token } : {},
  });
  const dc = settings.datacenter ? { dc: settings.datacenter } : {};
  const common = { timeout: REQUEST_TIMEOUT };
  const rules = {
    kv: `key_prefix "${names.nodes}/" { policy = "write" }`,
    service: `service_prefix "${names.nodes}" { policy = "write" }`,
  };
  const send = async <T>(what: string, rule: string, request: () => Promise<unknown>): Promise<T> => {
    const answer = await request().catch((error: unknown) => error);
    // The client tells errors by `instanceof`, which fails for those of another realm: they arrive as answers.
    if (types.isNativeError(answer)) throw translate(answer, what, rule, settings.agent.host);
    return answer as T;
  };

  return {
    async putKey(key, value) {
      const done = await send<unknown>(`PUT kv/${key}`, rules.kv, () =>
        client.kv.set(untyped({ key, value, ...dc, ...common })),
      );
      if (done === false) throw new ConsulError('refused', `Consul did not store kv/${key}`);
    },
    async getKey(key) {
      const item = await send<RawPair | undefined>(`GET kv/${key}`, rules.kv, () =>
        client.kv.get(untyped({ key, buffer: true, ...dc, ...common })),
      );
      return item ? toPair(item) : undefined;
    },
    async listKeys(prefix) {
      const items = await send<RawPair[] | undefined>(`GET kv/${prefix}?recurse`, rules.kv, () =>
        client.kv.get(untyped({ key: prefix, recurse: true, buffer: true, ...dc, ...common })),
      );
      return (items ?? []).map(toPair);
    },
    async deleteKey(key, modifyIndex) {
      await send(`DELETE kv/${key}`, rules.kv, () =>
        client.kv.del(untyped({ key, cas: modifyIndex, ...dc, ...common })),
      );
    },
    async register(registration) {
      await send(`register ${registration.name}`, rules.service, () =>
        client.agent.service.register(untyped({ ...registration, ...common })),
      );
    },
    async deregister(id) {
      await send(`deregister ${id}`, rules.service, () =>
        client.agent.service.deregister(untyped({ id, ...common })),
      );
    },
    async agentServices() {
      const found = await send<Record<string, unknown> | undefined>(
        'list agent services',
        rules.service,
        () => client.agent.service.list(untyped(common)),
      );
      return Object.keys(found ?? {});
    },
    async pass(check) {
      await send(`beat ${check}`, rules.service, () =>
        client.agent.check.pass(untyped({ id: check, ...common })),
      );
    },
    async health(service, index, signal) {
      const [response, body] = await send<[Response, unknown]>(
        `GET health/service/${service}`,
        rules.service,
        () =>
          cancellable(signal, (ctx) =>
            client.health.service(
              untyped({
                service,
                ctx,
                ...dc,
                ...(index > 0n
                  ? {
                      index: String(index),
                      wait: `${BLOCKING_WAIT}s`,
                      timeout: BLOCKING_WAIT * 1_100 + REQUEST_TIMEOUT,
                    }
                  : common),
              }),
            ),
          ),
      );
      const found = response.headers['x-consul-index'];
      return { index: /^\d+$/.test(found ?? '') ? BigInt(found ?? 0) : 0n, body };
    },
    async visible() {
      const nodes = await send<unknown[] | undefined>('GET catalog/nodes', rules.service, () =>
        client.catalog.node.list(untyped({ ...dc, ...common })),
      );
      const services = await send<Record<string, unknown> | undefined>(
        'GET catalog/services',
        rules.service,
        () => client.catalog.service.list(untyped({ ...dc, ...common })),
      );
      return { nodes: nodes?.length ?? 0, services: Object.keys(services ?? {}) };
    },
    close: () => agent.destroy(),
  };
}

interface RawPair {
  readonly Key: string;
  readonly Value: Buffer | null;
  readonly ModifyIndex: number;
}

interface Response {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
}

const toPair = (raw: RawPair): KvPair => ({
  key: raw.Key,
  value: raw.Value ?? Buffer.alloc(0),
  modifyIndex: raw.ModifyIndex,
});

/** The client takes more options than its types say (`timeout`, `buffer`, `ctx`, `index` of `health.service`). */
const untyped = (options: object): never => options as never;

/** The client's way of its own `Watch`: an emitter that ends the request at `cancel`, and asks for the headers too. */
async function cancellable<T>(signal: AbortSignal, request: (ctx: EventEmitter) => Promise<T>): Promise<T> {
  const ctx = Object.assign(new EventEmitter(), { includeResponse: true });
  const cancel = () => ctx.emit('cancel');
  signal.addEventListener('abort', cancel, { once: true });
  try {
    return await request(ctx);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
}

function translate(error: unknown, what: string, rule: string, agent: string): ConsulError {
  const { response, message } = error as { response?: Response; message?: string };
  if (!response) {
    const text = `the Consul agent at ${agent} does not answer (${what}: ${message})`;
    return new ConsulError('unreachable', text, { cause: error });
  }
  const said = String(response.body ?? '')
    .trim()
    .slice(0, 200);
  if (response.statusCode === 403) {
    return new ConsulError('denied', `Consul denies ${what}: the ACL token lacks ${rule}`, { cause: error });
  }
  // 404 from Consul 1.11 on, 500 before.
  if (/unknown check|does not have associated TTL/i.test(said)) {
    return new ConsulError('unknown-check', `Consul does not know the check (${what})`, { cause: error });
  }
  // A server without a leader, or an agent without a server, answers 500 for the time being.
  const failure = response.statusCode >= 500 ? 'unreachable' : 'refused';
  return new ConsulError(failure, `Consul answers ${response.statusCode} to ${what}: ${said}`, {
    cause: error,
  });
}
