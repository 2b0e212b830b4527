/** Mails that were asked for and are not sent, because something failed. Pure. */
import type { DeadLetter } from 'moleculer-durable-events';

/** The latest attempt at a mail failed. */
export interface MailFailure {
  /** The mail's. */
  readonly id: string;
  readonly kind: string;
  readonly userId: string;
  readonly attempts: number;
  /** Of the error. */
  readonly code: string;
  readonly message: string;
  /** Epoch ms. */
  readonly failedAt: number;
}

export interface UnsentMail extends Omit<MailFailure, 'kind' | 'userId'> {
  /** Null, as the user, where the job itself cannot be read. */
  readonly kind: string | null;
  readonly userId: string | null;
  /** The dead letter's id: it is not tried again until that is replayed. Null: it is tried again. */
  readonly deadLetter: string | null;
}

/** Latest first. A dead letter is keyed by the mail that it asks for. */
export function unsentMails(
  failures: readonly MailFailure[],
  letters: readonly Pick<DeadLetter, 'id' | 'message' | 'attempts' | 'reason' | 'diedAt'>[],
): UnsentMail[] {
  const known = new Map(failures.map((failure) => [failure.id, failure]));
  const dead = letters.map(({ id: deadLetter, message: { key }, attempts, reason, diedAt }) => {
    const { kind = null, userId = null } = known.get(key) ?? {};
    return { id: key, kind, userId, attempts, ...reason, failedAt: diedAt, deadLetter };
  });
  const aside = new Set(dead.map(({ id }) => id));
  const retried = failures
    .filter(({ id }) => !aside.has(id))
    .map((failure) => ({ ...failure, deadLetter: null }));
  return [...dead, ...retried].toSorted((a, b) => b.failedAt - a.failedAt);
}
