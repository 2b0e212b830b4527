/** Asks until it is answered, whatever is away at the moment: for those who look on and take no part. */
import { setTimeout as delay } from 'node:timers/promises';
import { ask } from '../load/client.ts';

export interface Onlooker {
  /** @throws the last error when nothing was answered for two minutes. */
  ask<T>(query: string, variables?: object): Promise<T>;
}

const PATIENCE_MS = 120_000;

export function createOnlooker(gateways: readonly string[], token: string): Onlooker {
  return {
    async ask<T>(query: string, variables: object = {}): Promise<T> {
      const deadline = Date.now() + PATIENCE_MS;
      for (let tries = 0; ; tries += 1) {
        try {
          return await ask<T>(gateways[tries % gateways.length] ?? '', query, variables, token);
        } catch (error) {
          if (Date.now() > deadline) throw error;
          await delay(250);
        }
      }
    },
  };
}
