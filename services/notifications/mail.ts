/** Which mails there are, and which of them is asked for. */
import type { Money } from '../common/money.ts';

/** Once per kind and subject: a user has one welcome, an order one of each of the others. */
export const mailKinds = [
  'WELCOME',
  'ORDER_PLACED',
  'ORDER_CONFIRMED',
  'ORDER_CANCELLED',
  'ORDER_SHIPPED',
] as const;
export type MailKind = (typeof mailKinds)[number];

/** The job of sending one mail. */
export interface MailRequest {
  readonly kind: MailKind;
  /** The user or the order that it is about. */
  readonly subjectId: string;
  readonly userId: string;
  /** What the mail says beyond its kind. */
  readonly items?: readonly { readonly productId: string; readonly quantity: number }[];
  readonly total?: Money;
  readonly reason?: string;
  readonly trackingNumber?: string;
}

export interface Mail {
  readonly id: string;
  readonly kind: MailKind;
  readonly userId: string;
  /** Address. */
  readonly to: string;
  readonly subject: string;
  /** Plain text. */
  readonly body: string;
  /** The same as an HTML fragment, every text in it escaped; empty for mails of before there was one. */
  readonly html: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The same for the same mail, whoever asks for it and how often. */
export const mailId = ({ kind, subjectId }: MailRequest): string => `${kind}:${subjectId}`;
