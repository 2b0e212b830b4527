/** Asks until it is answered, whatever is away at the moment: for those who look on and take no part. */
import { setTimeout as delay } from 'node:timers/promises';
import { post } from './post.ts';

export interface Onlooker {
  /** @throws the last error when nothing was answered for two minutes. */
  ask<T>(query: string, variables?: object): Promise<T>;
}

const PATIENCE_MS = 120_000;
const ATTEMPT_MS = 15_000;

export function createOnlooker(gateways: readonly string[], token: string): Onlooker {
  return {
    async ask<T>(query: string, variables: object = {}): Promise<T> {
      const deadline = Date.now() + PATIENCE_MS;
      for (let tries = 0; ; tries += 1) {
        try {
          const url = gateways[tries % gateways.length] ?? '';
          return await post<T>(url, token, { query, variables }, ATTEMPT_MS);
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await delay(250);
        }
      }
    },
  };
}
