import type { DeadLetter, Message } from '../channel.ts';
import { byName } from '../group-lag.ts';
import type { LocalStore, StoredDelivery } from './local-store.ts';

interface Waiting extends StoredDelivery {
  attempts: number;
  dueAt: number;
}

interface Stream {
  readonly history: { seq: number; message: Message; publishedAt: number }[];
  readonly ids: Set<string>;
  /** group → key → its deliveries in order; a key with none is absent. */
  readonly groups: Map<string, Map<string, Waiting[]>>;
}

/** For tests, and for what may be lost with the process. `transaction` has nothing to undo: no method here fails halfway. */
export function createMemoryStore(): LocalStore {
  const streams = new Map<string, Stream>();
  const dead = new Map<string, DeadLetter & { readonly publishedAt: number }>();
  let lastSeq = 0;
  let lastDead = 0;

  const stream = (event: string): Stream => {
    let found = streams.get(event);
    if (!found) {
      found = { history: [], ids: new Set(), groups: new Map() };
      streams.set(event, found);
    }
    return found;
  };
  const queues = (event: string, group: string) =>
    stream(event).groups.get(group) ?? new Map<string, Waiting[]>();
  const enqueue = (keys: Map<string, Waiting[]>, delivery: Waiting) => {
    const queue = keys.get(delivery.message.key);
    if (queue) queue.push(delivery);
    else keys.set(delivery.message.key, [delivery]);
  };
  const find = (event: string, group: string, seq: number): Waiting | undefined => {
    for (const [head] of queues(event, group).values()) if (head?.seq === seq) return head;
    return undefined;
  };
  const remove = (event: string, group: string, seq: number): Waiting | undefined => {
    const keys = queues(event, group);
    for (const [key, queue] of keys) {
      if (queue[0]?.seq !== seq) continue;
      const removed = queue.shift();
      if (queue.length === 0) keys.delete(key);
      return removed;
    }
    return undefined;
  };

  return {
    transaction: (work) => work(),
    sync: async () => {},
    append(event, message, publishedAt) {
      const { history, ids, groups } = stream(event);
      if (ids.has(message.id)) return;
      ids.add(message.id);
      const seq = ++lastSeq;
      history.push({ seq, message, publishedAt });
      for (const keys of groups.values()) enqueue(keys, { seq, message, publishedAt, attempts: 0, dueAt: 0 });
    },
    ensureGroup(event, group, from) {
      const { groups, history } = stream(event);
      if (groups.has(group)) return;
      const keys = new Map<string, Waiting[]>();
      groups.set(group, keys);
      if (from === 'first') for (const entry of history) enqueue(keys, { ...entry, attempts: 0, dueAt: 0 });
    },
    dropGroup: (event, group) => void stream(event).groups.delete(group),
    listGroups: (now) =>
      [...streams]
        .flatMap(([event, { groups }]) =>
          [...groups].map(([group, keys]) => {
            const waiting = [...keys.values()].flat();
            const oldest = Math.min(...waiting.map(({ publishedAt }) => publishedAt));
            return {
              ...{ event, group, waiting: waiting.length },
              oldest: waiting.length === 0 ? 0 : Math.max(0, now - oldest),
              deadLetters: [...dead.values()].filter(
                (letter) => letter.event === event && letter.group === group,
              ).length,
            };
          }),
        )
        .toSorted(byName),
    due(event, group, now, busy, limit) {
      const heads: Waiting[] = [];
      for (const [key, [head]] of queues(event, group))
        if (head && head.dueAt <= now && !busy.has(key)) heads.push(head);
      return heads
        .sort((a, b) => a.seq - b.seq)
        .slice(0, limit)
        .map((head) => ({ ...head }));
    },
    nextDueAt(event, group, now) {
      let next: number | undefined;
      for (const [head] of queues(event, group).values())
        if (head && head.dueAt > now && head.dueAt < (next ?? Infinity)) next = head.dueAt;
      return next;
    },
    begin(event, group, seq) {
      const delivery = find(event, group, seq);
      if (delivery) delivery.attempts++;
    },
    settle: (event, group, seq) => void remove(event, group, seq),
    retryAt(event, group, seq, at) {
      const delivery = find(event, group, seq);
      if (delivery) delivery.dueAt = at;
    },
    bury(event, group, seq, reason, diedAt) {
      const delivery = remove(event, group, seq);
      if (!delivery) return;
      const id = String(++lastDead);
      const { message, attempts, publishedAt } = delivery;
      dead.set(id, { id, event, group, message, attempts, reason, diedAt, publishedAt });
    },
    listDead({ event, group, after = '0', limit = 100 }) {
      const found: DeadLetter[] = [];
      for (const letter of dead.values()) {
        if (found.length === limit) break;
        if (Number(letter.id) <= Number(after)) continue;
        if ((event ?? letter.event) === letter.event && (group ?? letter.group) === letter.group)
          found.push(letter);
      }
      return found;
    },
    readDead: (id) => dead.get(id),
    replayDead(id) {
      const letter = dead.get(id);
      if (!letter) return false;
      const { message, publishedAt } = letter;
      const keys = queues(letter.event, letter.group);
      enqueue(keys, { seq: ++lastSeq, message, publishedAt, attempts: 0, dueAt: 0 });
      return dead.delete(id);
    },
    discardDead: (id) => dead.delete(id),
    close() {},
  };
}
