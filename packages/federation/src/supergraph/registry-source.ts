import type { ServiceBroker } from 'moleculer';
import { readAnnouncement, schemaHash, sdlAction } from '../protocol.ts';
import type { SubgraphSighting, SubgraphSource } from './subgraph.ts';

/** A registry change shows in one of these local events of Moleculer. */
const CHANGE_EVENTS = ['$services.changed', '$node.connected', '$node.updated', '$node.disconnected'];

const SDL_TIMEOUT_MS = 5_000;

/** Subgraphs that Moleculer services announce in their metadata, on every node that is available now. */
export class RegistrySource implements SubgraphSource {
  readonly #broker: ServiceBroker;
  #onChange: (() => void) | undefined;

  constructor(broker: ServiceBroker) {
    this.#broker = broker;
  }

  async start(onChange: () => void): Promise<void> {
    this.#onChange = onChange;
    for (const event of CHANGE_EVENTS) this.#broker.localBus.on(event, onChange);
  }

  async stop(): Promise<void> {
    if (!this.#onChange) return;
    for (const event of CHANGE_EVENTS) this.#broker.localBus.off(event, this.#onChange);
    this.#onChange = undefined;
  }

  sightings(): readonly SubgraphSighting[] {
    const found = new Map<string, SubgraphSighting>();
    for (const service of this.#broker.registry.getServiceList({ onlyAvailable: true, skipInternal: true })) {
      const announced = readAnnouncement(service.metadata);
      if (!announced) continue;
      const { name, hash, since } = announced;
      const key = `${name}\n${hash}\n${service.fullName}`;
      const known = found.get(key);
      found.set(key, {
        name,
        hash,
        route: { kind: 'broker', service: service.fullName },
        instances: [...(known?.instances ?? []), String(service.nodeID)].sort(),
        since: Math.min(since, known?.since ?? since),
      });
    }
    return [...found.values()];
  }

  async readSdl({ name, hash, route }: SubgraphSighting): Promise<string> {
    if (route.kind !== 'broker') throw new Error(`The subgraph "${name}" is not served by a broker.`);
    const answer: unknown = await this.#broker.call(
      sdlAction(route.service, hash),
      {},
      { timeout: SDL_TIMEOUT_MS },
    );
    const sdl = (answer as { sdl?: unknown } | null)?.sdl;
    if (typeof sdl !== 'string') throw new Error(`${sdlAction(route.service, hash)} did not answer an SDL.`);
    // The hash is what calls are routed by: an SDL under a wrong one would be planned against other nodes' schema.
    if (schemaHash(sdl) !== hash)
      throw new Error(`The SDL of ${sdlAction(route.service, hash)} has the hash ${schemaHash(sdl)}.`);
    return sdl;
  }
}
