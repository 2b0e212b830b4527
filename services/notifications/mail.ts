/** Which mails there are, and what they say. */
import type { Money } from '../common/money.ts';

/** Once per kind and subject: a user has one welcome, an order one of each of the others. */
export type MailKind = 'WELCOME' | 'ORDER_PLACED' | 'ORDER_CONFIRMED' | 'ORDER_CANCELLED' | 'ORDER_SHIPPED';

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
  readonly body: string;
  /** Epoch ms. */
  readonly createdAt: number;
}

/** The same for the same mail, whoever asks for it and how often. */
export const mailId = ({ kind, subjectId }: MailRequest): string => `${kind}:${subjectId}`;

/** What a mail is written with, beside the request. */
export interface Recipient {
  readonly name: string;
  /** Names of products by id; one that is not known is shown by its id. */
  readonly productNames: ReadonlyMap<string, string>;
}

export function render(
  request: MailRequest,
  { name, productNames }: Recipient,
): Pick<Mail, 'subject' | 'body'> {
  const { subject, text } = texts[request.kind](request);
  const lines = (request.items ?? []).map(
    ({ productId, quantity }) => `  ${quantity} × ${productNames.get(productId) ?? productId}`,
  );
  const total = request.total ? [`  Total: ${format(request.total)}`] : [];
  const list = [...lines, ...total].join('\n');
  const body = [`Hello ${name},`, text, list, 'Your shop'].filter((part) => part !== '').join('\n\n');
  return { subject, body };
}

const texts: Record<MailKind, (request: MailRequest) => { readonly subject: string; readonly text: string }> =
  {
    WELCOME: () => ({ subject: 'Welcome', text: 'your account is ready.' }),
    ORDER_PLACED: ({ subjectId }) => ({
      subject: `Your order ${subjectId}`,
      text: 'thank you, we have received your order:',
    }),
    ORDER_CONFIRMED: ({ subjectId }) => ({
      subject: `Your order ${subjectId} is confirmed`,
      text: 'your order is paid and on its way to the parcel service.',
    }),
    ORDER_CANCELLED: ({ subjectId, reason }) => ({
      subject: `Your order ${subjectId} is cancelled`,
      text: `your order is cancelled${reason ? `: ${reason}` : ''}. What you paid for it comes back to you.`,
    }),
    ORDER_SHIPPED: ({ subjectId, trackingNumber }) => ({
      subject: `Your order ${subjectId} is on its way`,
      text: `your parcel is on its way${trackingNumber ? `, tracking number ${trackingNumber}` : ''}.`,
    }),
  };

const format = ({ amount, currency }: Money): string => `${(amount / 100).toFixed(2)} ${currency}`;
