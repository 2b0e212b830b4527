import type { Context, Service, ServiceBroker } from 'moleculer';
import type { CloudEvent, Identity } from '../event/cloud-event.ts';
import type { Origin } from '../event/event-type.ts';

/** What the handling of an event leaves in `ctx.meta`, so that nested calls carry it on. */
interface EventMeta {
  user?: Identity;
  traceparent?: string;
  correlationId?: string;
  causationId?: string;
}

/** What a channel handler finds in `ctx.locals`. */
export interface EventLocals {
  readonly event: CloudEvent;
  /** 1 for the first. */
  readonly attempt: number;
  readonly group: string;
}

/** Caller, trace and causation of a context, for the events that it publishes. */
export function originOf(ctx: Context): Origin {
  const { user, traceparent, correlationId, causationId } = ctx.meta as EventMeta;
  return {
    source: `/${ctx.service?.fullName ?? ctx.nodeID ?? 'unknown'}`,
    ...(user && { user: { id: user.id, roles: user.roles } }),
    ...(traceparent !== undefined && { traceparent }),
    ...(correlationId !== undefined && { correlationId }),
    ...(causationId !== undefined && { causationId }),
  };
}

/** The context in which a service handles an event: as if its publisher had called, at another time. */
export function createEventContext(
  broker: ServiceBroker,
  service: Service,
  event: CloudEvent,
  locals: EventLocals,
): Context<unknown, object, EventLocals> {
  const meta: EventMeta = { correlationId: event.correlationId, causationId: event.id };
  if (event.user) meta.user = event.user;
  if (event.traceparent) meta.traceparent = event.traceparent;
  const requestID = /^[0-9a-f]{2}-([0-9a-f]{32})-/.exec(event.traceparent ?? '')?.[1];
  const { ContextFactory } = broker as unknown as { ContextFactory: typeof Context };
  const ctx = new ContextFactory(broker);
  ctx.params = event.data;
  ctx.meta = meta;
  ctx.requestID = requestID ?? ctx.id;
  ctx.service = service;
  ctx.eventName = event.type;
  ctx.eventType = 'channel';
  ctx.eventGroups = [locals.group];
  ctx.locals = locals;
  return ctx as Context<unknown, object, EventLocals>;
}
