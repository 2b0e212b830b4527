import type { Kysely } from 'kysely';
import { insertAll } from '../common/database/seed-once.ts';
import { euros } from '../common/money.ts';
import { seedProduct, seedUser, USERS } from '../common/seed/cast.ts';
import { type SeedOrder, seedOrders } from '../common/seed/orders.ts';
import { type MailRequest, mailId } from './mail.ts';
import type { MailTables } from './mailbox-tables.ts';
import { renderMail } from './render-mail.ts';

/** The mails that the demonstration's users and orders led to. */
export async function seedMails(tx: Kysely<MailTables>): Promise<void> {
  const welcomes = Array.from({ length: USERS }, (_, index) => {
    const { id, registeredAt } = seedUser(index + 1);
    return seedMail({ kind: 'WELCOME', subjectId: id, userId: id }, registeredAt);
  });
  const rows = [...welcomes, ...seedOrders().flatMap(mailsOf)];
  await insertAll(rows, (batch) => tx.insertInto('mails').values(batch));
}

function mailsOf(order: SeedOrder): MailTables['mails'][] {
  const { id, customerId, lines, total, placedAt, settledAt, cancelled, trackingNumber } = order;
  const about = { subjectId: id, userId: customerId };
  const items = lines.map(({ productId, quantity }) => ({ productId, quantity }));
  const details = { items, total: euros(total) };
  const placed = seedMail({ kind: 'ORDER_PLACED', ...about, ...details }, placedAt);
  if (cancelled) {
    const { message: reason } = cancelled;
    return [placed, seedMail({ kind: 'ORDER_CANCELLED', ...about, ...details, reason }, settledAt)];
  }
  return [
    placed,
    seedMail({ kind: 'ORDER_CONFIRMED', ...about, ...details }, settledAt),
    seedMail(
      { kind: 'ORDER_SHIPPED', ...about, ...(trackingNumber !== null && { trackingNumber }) },
      settledAt,
    ),
  ];
}

function seedMail(request: MailRequest, createdAt: number): MailTables['mails'] {
  const { name, email } = seedUser(Number(request.userId.slice(1)));
  const productNames = new Map(
    (request.items ?? []).map(({ productId }) => [productId, seedProduct(Number(productId.slice(1))).name]),
  );
  return {
    ...{ id: mailId(request), kind: request.kind, user_id: request.userId, recipient: email },
    ...renderMail(request, { name, productNames }),
    created_at: createdAt,
  };
}
