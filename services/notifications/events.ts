/** Which events lead to a mail, and the job that each of them leads to. One more: one more entry of `occasions`. */
import { defineEvent, type Schema, type Versions } from 'moleculer-durable-events';
import type { Money } from '../common/money.ts';
import { type MailKind, type MailRequest, mailId } from './mail.ts';

/** What is read of an event about a user or an order. */
export interface Told {
  readonly userId?: string;
  readonly orderId?: string;
  readonly customerId?: string;
  readonly items?: MailRequest['items'];
  readonly total?: Money;
  readonly reason?: string;
  readonly trackingNumber?: string;
}

export interface Occasion {
  readonly kind: MailKind;
  readonly versions: Versions;
}

const text: Schema = { type: 'string' };
const items: Schema = {
  type: 'array',
  items: {
    type: 'object',
    required: ['productId', 'quantity'],
    properties: { productId: text, quantity: { type: 'integer' } },
  },
};
const total: Schema = {
  type: 'object',
  required: ['amount', 'currency'],
  properties: { amount: { type: 'integer' }, currency: text },
};
const details = { items, total, reason: text, trackingNumber: text };
const aboutUser: Schema = { type: 'object', required: ['userId'], properties: { userId: text } };
const aboutOrder: Schema = {
  type: 'object',
  required: ['orderId', 'customerId'],
  properties: { orderId: text, customerId: text, ...details },
};

export const occasions: Readonly<Record<string, Occasion>> = {
  'user.registered': { kind: 'WELCOME', versions: { 1: aboutUser } },
  'order.placed': { kind: 'ORDER_PLACED', versions: { 1: aboutOrder } },
  'order.confirmed': { kind: 'ORDER_CONFIRMED', versions: { 1: aboutOrder } },
  'order.cancelled': { kind: 'ORDER_CANCELLED', versions: { 1: aboutOrder } },
  'order.shipped': { kind: 'ORDER_SHIPPED', versions: { 1: aboutOrder } },
};

/** Only what the mail needs: what else the event tells stays where it is. */
export function requestFor(kind: MailKind, told: Told): MailRequest {
  const { items, total, reason, trackingNumber } = told;
  return {
    kind,
    subjectId: told.orderId ?? told.userId ?? '',
    userId: told.customerId ?? told.userId ?? '',
    ...(items && { items }),
    ...(total && { total }),
    ...(reason !== undefined && { reason }),
    ...(trackingNumber !== undefined && { trackingNumber }),
  };
}

export const MAIL_REQUESTED = 'mail.requested';
/** Replicas share the jobs. */
export const MAIL_GROUP = 'mails';

const mailRequest: Schema = {
  type: 'object',
  required: ['kind', 'subjectId', 'userId'],
  properties: { kind: text, subjectId: text, userId: text, ...details },
};
export const mailRequests: Versions = { 1: mailRequest };

/** Our own queue. Each mail is its own key: one that fails holds back no other of the same user. */
export const mailRequested = defineEvent<MailRequest>({
  type: MAIL_REQUESTED,
  version: 1,
  key: mailId,
  schema: mailRequest,
});
