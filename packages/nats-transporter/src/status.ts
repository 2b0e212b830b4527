import { Events, type NatsConnection, type Status } from 'nats';

/** What becomes of a connection that stood once. Each is called when it happens, in order. */
export interface ConnectionEvents {
  down(server: string): void;
  up(server: string): void;
  /** The server does not let this client in; once for each outage. */
  refused(reason: string): void;
  /** The server dropped a message, because this client may not publish to `subject`. */
  publishDenied(subject: string): void;
  /** The client has given up. Not called for a connection closed by `close` or `drain` after `ended` is true. */
  closed(reason: string): void;
  /** True once nobody wants to hear of this connection any more. */
  ended(): boolean;
  other(text: string): void;
}

/** Translates the client's status, which Moleculer only writes to the debug log (nats.js:97). Ends with the client. */
export async function watchStatus(client: NatsConnection, events: ConnectionEvents): Promise<void> {
  void client.closed().then((error) => {
    if (!events.ended()) events.closed(error?.message ?? 'no reason given');
  });
  let isUp = true;
  let toldRefused = false;
  for await (const status of client.status()) {
    if (events.ended()) return;
    if (status.type === Events.Disconnect) {
      if (isUp) events.down(String(status.data));
      isUp = false;
    } else if (status.type === Events.Reconnect) {
      isUp = true;
      toldRefused = false;
      events.up(String(status.data));
    } else if (status.type === Events.Error) {
      const denied = permissionOf(status);
      if (denied?.operation === 'publish') events.publishDenied(denied.subject);
      else if (!denied && !toldRefused) {
        toldRefused = true;
        events.refused(String(status.data));
      }
    } else {
      events.other(`${status.type}: ${JSON.stringify(status.data)}`);
    }
  }
}

/** A denied subscription is told to the subscription's own callback as well, and handled there. */
function permissionOf(status: Status): { operation: string; subject: string } | undefined {
  return (status as { permissionContext?: { operation: string; subject: string } }).permissionContext;
}
