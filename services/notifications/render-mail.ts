/** What mails say: once as plain text, once as HTML. */
import { escapeHtml } from '../common/html.ts';
import type { Mail, MailKind, MailRequest } from './mail.ts';

/** What a mail is written with, beside the request. */
export interface Recipient {
  readonly name: string;
  /** Names of products by id; one that is not known is shown by its id. */
  readonly productNames: ReadonlyMap<string, string>;
}

export function renderMail(
  request: MailRequest,
  { name, productNames }: Recipient,
): Pick<Mail, 'subject' | 'body' | 'html'> {
  const { subject, text } = texts[request.kind](request);
  const lines = (request.items ?? []).map(
    ({ productId, quantity }) => `${quantity} × ${productNames.get(productId) ?? productId}`,
  );
  const total = request.total ? [`Total: ${format(request.total)}`] : [];
  const list = [...lines, ...total];
  const hello = `Hello ${name},`;
  return { subject, body: asText(hello, text, list), html: asHtml(hello, text, list) };
}

function asText(hello: string, text: string, list: readonly string[]): string {
  const lines = list.map((line) => `  ${line}`).join('\n');
  return [hello, text, lines, GREETING].filter((part) => part !== '').join('\n\n');
}

function asHtml(hello: string, text: string, list: readonly string[]): string {
  const paragraph = (part: string) => `<p>${escapeHtml(part)}</p>`;
  const items = list.map((line) => `<li>${escapeHtml(line)}</li>`).join('');
  return [
    paragraph(hello),
    paragraph(text),
    ...(items === '' ? [] : [`<ul>${items}</ul>`]),
    paragraph(GREETING),
  ].join('\n');
}

const GREETING = 'Your shop';

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

const format = ({ amount, currency }: NonNullable<MailRequest['total']>): string =>
  `${(amount / 100).toFixed(2)} ${currency}`;
