/** Asks until it is answered, whatever is away at the moment: for those who look on and take no part. */
import { setTimeout as delay } from 'node:timers/promises';
import { type NoAnswerError, post } from './post.ts';

export interface Onlooker {
  /**
   * @param final codes that asking again does not change.
   * @throws NoAnswerError, the last one, with such a code or when nothing was answered for five minutes.
   */
  ask<T>(query: string, variables?: object, final?: readonly string[]): Promise<T>;
}

const PATIENCE_MS = 300_000;
const ATTEMPT_MS = 15_000;

export function createOnlooker(gateways: readonly string[], token: string): Onlooker {
  return {
    async ask<T>(query: string, variables: object = {}, final: readonly string[] = []): Promise<T> {
      const deadline = Date.now() + PATIENCE_MS;
      for (let tries = 0; ; tries += 1) {
        try {
          const url = gateways[tries % gateways.length] ?? '';
          return await post<T>(url, token, { query, variables }, ATTEMPT_MS);
        } catch (error) {
          if (Date.now() > deadline || final.includes((error as NoAnswerError).code)) throw error;
          await delay(250);
        }
      }
    },
  };
}
