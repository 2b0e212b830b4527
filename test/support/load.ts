/** Steady load: queries at a fixed rate, as long as the machine keeps up with it. */
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

/** So many wait for an answer at most: a machine too slow for the rate is not buried under it. */
const UNDER_WAY = 25;

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
    if (running.size >= UNDER_WAY) return;
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
