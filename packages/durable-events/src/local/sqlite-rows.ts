import type { DeadLetter, Message } from '../channel.ts';
import type { Row } from './sqlite-file.ts';

export function toMessage(row: Row): Message {
  return {
    id: row.id as string,
    key: row.key as string,
    headers: JSON.parse(row.headers as string) as Record<string, string>,
    data: row.data as Uint8Array,
  };
}

export function toDeadLetter(row: Row): DeadLetter {
  return {
    id: String(row.letter),
    event: row.event as string,
    group: row.grp as string,
    message: toMessage(row),
    attempts: row.attempts as number,
    reason: { code: row.code as string, message: row.reason as string },
    diedAt: row.died_at as number,
  };
}
