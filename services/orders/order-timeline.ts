/** What happened to an order and when, out of its own dates and its fulfilment's journal. Pure. */
import type { SagaRecord } from 'moleculer-durable-events';
import type { Order } from './order.ts';

export interface TimelineEntry {
  /** Epoch ms. */
  readonly at: number;
  readonly what: Milestone;
  /** What failed, or why: for people. */
  readonly detail: string | null;
}

export type Milestone =
  | 'PLACED'
  | 'STOCK_RESERVED'
  | 'PAYMENT_AUTHORIZED'
  | 'PAYMENT_CAPTURED'
  | 'SHIPPED'
  | 'STEP_REFUSED'
  | 'STEP_OVERDUE'
  | 'CANCELLATION_REQUESTED'
  | 'SHIPMENT_CANCELLED'
  | 'PAYMENT_REFUNDED'
  | 'PAYMENT_VOIDED'
  | 'STOCK_RELEASED'
  | 'CONFIRMED'
  | 'CANCELLED';

const milestones: Readonly<Record<string, Milestone>> = {
  'replied reserve': 'STOCK_RESERVED',
  'replied authorize': 'PAYMENT_AUTHORIZED',
  'replied capture': 'PAYMENT_CAPTURED',
  'replied ship': 'SHIPPED',
  'timer overdue': 'STEP_OVERDUE',
  'event cancel': 'CANCELLATION_REQUESTED',
  'replied cancelShipment': 'SHIPMENT_CANCELLED',
  'replied refund': 'PAYMENT_REFUNDED',
  'replied void': 'PAYMENT_VOIDED',
  'replied release': 'STOCK_RELEASED',
};

/** @param fulfilment undefined for orders of before there was one. */
export function timelineOf(order: Order, fulfilment: SagaRecord | undefined): TimelineEntry[] {
  const entries: TimelineEntry[] = [{ at: order.createdAt, what: 'PLACED', detail: null }];
  for (const { at, what } of fulfilment?.journal ?? []) {
    // What was still under way when the order was settled is no part of its story.
    if (what === 'sent settle') break;
    const milestone = milestones[what];
    if (milestone) entries.push({ at, what: milestone, detail: null });
    const failed = /^failed (reserve|authorize|capture|ship): (.+)$/.exec(what);
    if (failed) entries.push({ at, what: 'STEP_REFUSED', detail: `${failed[1]}: ${failed[2]}` });
  }
  if (order.status !== 'PENDING')
    entries.push({
      at: order.settledAt ?? order.createdAt,
      what: order.status,
      detail: order.reason?.message ?? null,
    });
  return entries;
}
