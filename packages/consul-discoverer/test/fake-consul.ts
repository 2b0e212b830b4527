/** Consul as far as the discoverer asks it, in memory: records every request in order and fails on demand. */
import type { Registration } from '../src/catalogue.ts';
import type { ConsulApi, KvPair } from '../src/consul-api.ts';
import { ConsulError } from '../src/errors.ts';

export interface FakeConsul extends ConsulApi {
  readonly requests: string[];
  readonly keys: Map<string, KvPair>;
  readonly services: Map<string, Registration>;
  /** Asked before each request: an error to answer with, a promise to wait for. */
  before: (request: string) => Promise<void> | void;
  /** As after the loss of a disk. */
  wipe(): void;
}

export function createFakeConsul(): FakeConsul {
  const requests: string[] = [];
  const keys = new Map<string, KvPair>();
  const services = new Map<string, Registration>();
  let index = 0;
  const note = async (request: string) => {
    requests.push(request);
    await fake.before(request);
  };
  const fake: FakeConsul = {
    requests,
    keys,
    services,
    before: () => undefined,
    wipe() {
      keys.clear();
      services.clear();
    },
    async putKey(key, value) {
      await note(`put ${key}`);
      keys.set(key, { key, value, modifyIndex: ++index });
    },
    async getKey(key) {
      await note(`get ${key}`);
      return keys.get(key);
    },
    async listKeys(prefix) {
      await note(`list ${prefix}`);
      return [...keys.values()].filter(({ key }) => key.startsWith(prefix));
    },
    async deleteKey(key, modifyIndex) {
      await note(`delete ${key}`);
      if (keys.get(key)?.modifyIndex === modifyIndex) keys.delete(key);
    },
    async register(registration) {
      await note(`register ${registration.id}`);
      services.set(registration.id, registration);
    },
    async deregister(id) {
      await note(`deregister ${id}`);
      services.delete(id);
    },
    async agentServices() {
      await note('services');
      return [...services.keys()];
    },
    async pass(check) {
      await note(`pass ${check}`);
      if (!services.has(check.replace(/^service:/, '')))
        throw new ConsulError('unknown-check', 'unknown check');
    },
    async health() {
      throw new Error('not faked');
    },
    async visible() {
      return { nodes: 1, services: [] };
    },
    close: () => undefined,
  };
  return fake;
}
