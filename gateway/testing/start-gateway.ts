/** A gateway on a free port with a stub engine, for one test. */
import { ServiceBroker, type ServiceSchema } from 'moleculer';
import type { FederationGateway } from 'moleculer-federation';
import { type GatewayConfig, loadConfig } from '../config.ts';
import { createGatewayService } from '../gateway.service.ts';
import { createStubEngine, type StubResolver } from './stub-engine.ts';

export interface TestGateway extends AsyncDisposable {
  readonly url: string;
  readonly broker: ServiceBroker;
  /** POSTs one GraphQL request; the body parsed. */
  query(
    request: Readonly<Record<string, unknown>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ status: number; headers: Headers; body: Answer }>;
  readonly log: ReadonlyArray<{ level: string; args: readonly unknown[] }>;
  stop(): Promise<void>;
}

export interface Answer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: ReadonlyArray<{ message: string; path?: unknown; extensions: { code: string } }>;
}

const sdl =
  'type Query { hello: String slow: String whoami: String fail: String } type Mutation { bump: Int }';

export async function startGateway(
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly resolvers?: Readonly<Record<string, StubResolver>>;
    readonly engine?: FederationGateway;
    readonly services?: readonly ServiceSchema[];
    readonly config?: Partial<GatewayConfig>;
  } = {},
): Promise<TestGateway> {
  const log: Array<{ level: string; args: readonly unknown[] }> = [];
  const broker = new ServiceBroker({
    nodeID: 'gateway-test',
    metrics: { enabled: true, collectProcessMetrics: false },
    logger: false,
    skipProcessEventRegistration: true,
  });
  const engine =
    options.engine ?? createStubEngine(sdl, { hello: () => 'world', bump: () => 1, ...options.resolvers });
  for (const service of options.services ?? []) broker.createService(service);
  const service = broker.createService(
    createGatewayService({
      config: { ...loadConfig({ PORT: '0', ...options.env }), ...options.config },
      createEngine: () => engine,
    }),
  );
  for (const level of ['info', 'warn', 'error'] as const)
    service.logger[level] = (...args: unknown[]) => void log.push({ level, args });
  try {
    await broker.start();
  } catch (error) {
    await broker.stop();
    throw error;
  }
  const { url } = service as unknown as { url: string };
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= Promise.resolve(broker.stop()));
  return {
    url,
    broker,
    log,
    stop,
    async query(request, headers = {}) {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/graphql-response+json',
          ...headers,
        },
        body: JSON.stringify(request),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
    },
    [Symbol.asyncDispose]: stop,
  };
}
