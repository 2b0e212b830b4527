/**
 * A process with the four subgraphs as Moleculer services on NATS_URL, one node. Like the HTTP ones they answer from
 * memory: an execute action's answer is remembered by its params, so that the gateway is measured and not its services.
 */
import { type Context, type Middleware, type Service, ServiceBroker } from 'moleculer';
import { Subgraph } from 'moleculer-federation';
import { readConfig } from '../../../config.ts';
import { brokerOptions } from '../../../moleculer.config.ts';
import { subgraphs } from './definitions.ts';
import { type FromSubgraphs, serveCount } from './messages.ts';

let requests = 0;

const fromMemory: Middleware = {
  name: 'FromMemory',
  localAction(next, action) {
    if (!action.name?.includes('.subgraph.')) return next;
    const remembered = new Map<string, unknown>();
    return async function (this: Service, ctx: Context) {
      requests += 1;
      const key = JSON.stringify(ctx.params);
      if (!remembered.has(key)) remembered.set(key, await next.call(this, ctx));
      return remembered.get(key);
    };
  },
};

const options = brokerOptions({ ...readConfig(process.env), events: undefined });
const broker = new ServiceBroker({
  ...options,
  skipProcessEventRegistration: true,
  middlewares: [...(options.middlewares ?? []), fromMemory],
});
for (const { name, sdl, resolvers, references } of subgraphs) {
  broker.createService({
    name,
    mixins: [Subgraph({ schema: sdl, resolvers: resolvers as never, references: references as never })],
  });
}
await broker.start();
serveCount(() => requests);
process.send?.({ type: 'ready', urls: {} } satisfies FromSubgraphs);
