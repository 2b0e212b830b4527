/** Hive Gateway's two runtimes, with its sharing of identical subgraph requests on (its default) or off. */
import { unifiedGraphHandler } from '@graphql-hive/router-runtime';

const { HIVE_RUNTIME, HIVE_SHARING } = process.env;

export const gatewayConfig = {
  ...(HIVE_RUNTIME === 'router' ? { unifiedGraphHandler } : {}),
  ...(HIVE_SHARING === 'off'
    ? { transportEntries: { '*.http': { options: { deduplicateInflightRequests: false } } } }
    : {}),
  ...(HIVE_SHARING === 'requests' ? { inboundInflightRequestDeduplication: true } : {}),
};
