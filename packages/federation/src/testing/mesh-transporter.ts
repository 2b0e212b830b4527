import { EventEmitter } from 'node:events';
import { type Transit, Transporters } from 'moleculer';
import type { Activity } from './activity.ts';

/** What carries the packets of one mesh: each mesh has its own, so meshes never meet. */
export class MeshBus extends EventEmitter {
  readonly activity: Activity;

  constructor(activity: Activity) {
    super();
    this.activity = activity;
    this.setMaxListeners(0);
  }
}

/** What Moleculer's transit keeps to itself and a replacement of its `afterConnect` needs. */
interface TransitStart {
  /** Resolves `transit.connect()`, and with it `broker.start()`. */
  __connectResolve: ((outcome: unknown) => void) | null;
}

/**
 * Moleculer's in-process transporter, with packets serialized as on a network, delivered after the sender has gone on,
 * and no fixed 500 ms wait for other nodes at the start (transit.js:160).
 */
export class MeshTransporter extends Transporters.Fake {
  constructor(bus: MeshBus) {
    super({});
    this.bus = bus;
  }

  override init(transit: Transit, messageHandler: Parameters<Transporters.Base['init']>[1]): void {
    super.init(transit, messageHandler, () => join(transit));
  }

  override async send(topic: string, packet: Buffer): Promise<void> {
    const { activity } = this.bus as MeshBus;
    activity.begin();
    queueMicrotask(() => {
      this.bus.emit(topic, packet);
      activity.end();
    });
  }
}

async function join(transit: Transit): Promise<void> {
  await transit.makeSubscriptions();
  await transit.discoverer.discoverAllNodes();
  transit.connected = true;
  transit.broker.broadcastLocal('$transporter.connected', { wasReconnect: false });
  const start = transit as unknown as TransitStart;
  transit.isReady = true;
  start.__connectResolve?.(null);
  start.__connectResolve = null;
}
