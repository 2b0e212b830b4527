/** The gateway as a Moleculer service: life cycle and actions only. The edge is wired in edge/gateway-app.ts. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type Context,
  Errors,
  type Service,
  type ServiceBroker,
  type ServiceSchema,
  type ServiceSettingSchema,
} from 'moleculer';
import type { FederationGateway } from 'moleculer-federation';
import ApiGateway from 'moleculer-web';
import { type GatewayConfig, loadConfig } from './config.ts';
import { createEngine } from './edge/engine.ts';
import { createGatewayApp, type GatewayApp } from './edge/gateway-app.ts';
import { masked } from './edge/masking.ts';
import type { GatewayMetrics } from './edge/metrics.ts';
import { planOf } from './edge/plan.ts';
import { answerRejection } from './edge/rejections.ts';
import { runOperation } from './edge/run-operation.ts';
import { supergraphView } from './edge/supergraph-view.ts';

/** What moleculer-web brings, as far as it is used here. */
interface WebService {
  readonly aliases: ReadonlyArray<{ readonly method: string; match(path: string): unknown }>;
  addRoute(route: unknown): unknown;
  httpHandler(req: IncomingMessage, res: ServerResponse): unknown;
  regenerateAllAutoAliases: () => void;
}

interface GatewayState {
  config: GatewayConfig;
  app: GatewayApp;
  /** Where it listens, once started. */
  url: string;
}

type GatewaySettings = ServiceSettingSchema & Record<string, unknown>;
type GatewayService = Service<GatewaySettings> & GatewayState & WebService;
type GatewaySchema = ServiceSchema<GatewaySettings, WebService, GatewayState, GatewayService>;

interface QueryParams {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

const queryParams = {
  query: 'string|empty:false',
  operationName: 'string|optional',
  variables: 'object|optional',
} as const;

/** A route of moleculer-web that serves its aliases and nothing else: no action is reachable by its name. */
const route = (aliases: Readonly<Record<string, unknown>>) => ({
  path: '/',
  aliases,
  mappingPolicy: 'restrict',
  bodyParsers: false,
  logging: false,
});

/** @param parts replaced in tests; by default the environment's configuration and the federation engine. */
export function createGatewayService(
  parts: {
    readonly config?: GatewayConfig;
    readonly createEngine?: (
      broker: ServiceBroker,
      config: GatewayConfig,
      metrics: GatewayMetrics,
    ) => FederationGateway;
  } = {},
): GatewaySchema {
  return {
    name: 'gateway',
    mixins: [ApiGateway as Partial<ServiceSchema>],

    settings: {
      // The socket is ours (edge/http-server.ts): moleculer-web's exits the process when the port is taken.
      server: false,
      routes: [route({})],
      // The HTTP server itself waits for its requests; and Moleculer's tracker cannot track before services start.
      rootCallOptions: { tracking: false },
      logRequest: null,
      logRequestParams: null,
      logResponse: null,
      logRouteRegistration: null,
      onError(this: GatewayService, req: IncomingMessage, res: ServerResponse, error: unknown) {
        answerRejection(req, res, error, this.aliases, this.logger);
      },
      $secureSettings: ['port', 'ip', 'server', 'routes', 'rootCallOptions'],
    },

    actions: {
      // moleculer-web's own, callable by any node: a route added from afar would be a hole.
      addRoute: false,
      removeRoute: false,
      listAliases: false,

      /** What is being served, from whom, and what was refused: SupergraphView. */
      supergraph: {
        visibility: 'public',
        handler() {
          return supergraphView(this.app.engine);
        },
      },

      /** Runs an operation with the caller's identity and trace; answers a GraphQL response map. */
      query: {
        visibility: 'public',
        params: queryParams,
        async handler(ctx: Context<QueryParams>) {
          const timeoutMs = this.config.requestTimeout;
          const { engine } = this.app;
          const result = await runOperation((context) => engine.execute(ctx.params, context), {
            ctx,
            timeoutMs,
          });
          return masked(result, (error) =>
            this.logger.error(
              { requestId: ctx.requestID, err: error.originalError ?? error },
              'operation failed',
            ),
          );
        },
      },

      /** The query plan of an operation on the current generation, without running it. */
      plan: {
        visibility: 'public',
        params: queryParams,
        handler(ctx: Context<QueryParams>) {
          return planOf(this.app.engine, ctx.params);
        },
      },

      /** Drops a vanished subgraph and its fields for good, on every gateway. */
      forget: {
        visibility: 'public',
        params: { subgraph: 'string|empty:false' },
        async handler(ctx: Context<{ subgraph: string }>) {
          const { subgraph } = ctx.params;
          try {
            await this.app.engine.supergraph.forget(subgraph);
          } catch (error) {
            throw new Errors.MoleculerClientError((error as Error).message, 409, 'SUBGRAPH_NOT_FORGOTTEN');
          }
          await ctx.broadcast('gateway.subgraph.forgotten', { subgraph });
        },
      },
    },

    events: {
      'gateway.subgraph.forgotten'(ctx: Context<{ subgraph: string }>) {
        if (ctx.nodeID === this.broker.nodeID) return undefined;
        // A gateway that cannot forget it, because it still sees it, is right not to.
        return this.app.engine.supergraph.forget(ctx.params.subgraph).catch((error) => {
          this.logger.warn(`Not forgotten here: ${error.message}`);
        });
      },
    },

    created() {
      // Without aliases made from actions there is nothing to regenerate, nor to broadcast at every registry change.
      this.regenerateAllAutoAliases = () => undefined;
      this.config = parts.config ?? loadConfig();
      this.app = createGatewayApp({
        broker: this.broker,
        config: this.config,
        createEngine: parts.createEngine ?? createEngine,
        logger: this.logger,
        fallback: (req, res) => this.httpHandler(req, res),
      });
      this.addRoute(route(this.app.aliases));
      // Before the broker connects: while NATS or Consul is away, /health/ready is where one looks for the reason,
      // and a taken port is told before anything else begins.
      this.broker.middlewares.add({
        name: 'GatewayListens',
        starting: async () => void (await this.app.listen()),
      });
    },

    async started() {
      this.url = await this.app.start();
    },

    async stopped() {
      await this.app.stop();
    },
  };
}

export default createGatewayService();
