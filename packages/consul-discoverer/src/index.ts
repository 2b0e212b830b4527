export { ConsulDiscoverer } from './consul-discoverer.ts';
export type { ConsulFailure } from './errors.ts';
export type { ConsulDiscovererOptions } from './options.ts';
export type { DiscovererStatus } from './status.ts';
