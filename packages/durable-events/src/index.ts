export { type AmqpChannelOptions, createAmqpChannel } from './amqp/amqp-channel.ts';
export type {
  Backoff,
  Channel,
  DeadLetter,
  DeadLetterQuery,
  DeadLetters,
  Delivery,
  GroupLag,
  GroupOptions,
  GroupQuery,
  Handler,
  Logger,
  Message,
  Subscription,
} from './channel.ts';
export {
  DurableEventError,
  type DurableEventErrorCode,
  durableEventErrors,
  PermanentError,
} from './errors.ts';
export { type CloudEvent, fromMessage, type Identity, toMessage } from './event/cloud-event.ts';
export {
  createReader,
  defineEvent,
  type EventType,
  type EventTypeOptions,
  type Origin,
  type Schema,
  type Versions,
} from './event/event-type.ts';
export { createJetStreamChannel, type JetStreamChannelOptions } from './jetstream/jetstream-channel.ts';
export { createMemoryChannel, createSqliteChannel } from './local/local-channel.ts';
export { channelService } from './moleculer/channel-service.ts';
export { type EventLocals, originOf } from './moleculer/context.ts';
export { deadLetterService, type ReadableDeadLetter } from './moleculer/dead-letter-service.ts';
export {
  type ChannelHandler,
  type Channels,
  channelOf,
  DurableEvents,
  type DurableEventsOptions,
  publish,
} from './moleculer/middleware.ts';
export { type InboxEntry, pruneInbox, withInbox } from './outbox/inbox.ts';
export { withOutbox } from './outbox/outbox.ts';
export { type Lag, type Relay, type RelayOptions, startRelay } from './outbox/relay.ts';
export { inboxMigration, outboxMigration } from './outbox/tables.ts';
export type { Effect, Fault, Saga, SagaInput, SagaRecord } from './saga/saga.ts';
export { type SagaRunner, type SagaRunnerOptions, startSagaRunner } from './saga/saga-runner.ts';
export { createSagaService } from './saga/saga-service.ts';
export type { SagaQuery } from './saga/saga-store.ts';
export { sagaMigration } from './saga/saga-tables.ts';
export { advance, begin } from './saga/transition.ts';
