/** Steady load: queries at a fixed rate, whatever their answers take. */
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, query } from './graphql.ts';

export interface Load {
  /** How many have been answered. */
  answered(): number;
  /** Resolves once `count` more have been answered. */
  more(count: number): Promise<void>;
  /** Stops asking, waits for what is under way; every answer that `isGood` refused, or the error in its place. */
  end(): Promise<unknown[]>;
}

/** Asks `text` of `url` `perSecond` times a second until `end`. */
export function startLoad(
  url: string,
  text: string,
  perSecond: number,
  isGood: (answer: Answer) => boolean,
): Load {
  const bad: unknown[] = [];
  const running = new Set<Promise<void>>();
  let answered = 0;
  const ask = async () => {
    try {
      const answer = await query(url, text);
      if (!isGood(answer)) bad.push(answer);
    } catch (error) {
      bad.push(error);
    }
    answered += 1;
  };
  const timer = setInterval(() => {
    const one = ask().finally(() => running.delete(one));
    running.add(one);
  }, 1_000 / perSecond);
  return {
    answered: () => answered,
    async more(count) {
      const target = answered + count;
      while (answered < target) await delay(5);
    },
    async end() {
      clearInterval(timer);
      await Promise.all(running);
      return bad;
    },
  };
}
