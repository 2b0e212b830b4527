/**
 * Health of the node in this container, as its exit code: a gateway is healthy when it is ready, another node when
 * Consul's catalogue has it passing. The node's id begins with the container's host name unless NODE_ID says it.
 */
import { hostname } from 'node:os';

interface AgentCheck {
  readonly Status: string;
  readonly ServiceID: string;
}

async function healthy(): Promise<boolean> {
  const { SERVICES, PORT, CONSUL_HTTP_ADDR = '', CONSUL_HTTP_TOKEN, NODE_ID } = process.env;
  const signal = AbortSignal.timeout(4_000);
  if (SERVICES === 'gateway') {
    return (await fetch(`http://127.0.0.1:${PORT || 4000}/health/ready`, { signal })).ok;
  }
  const agent = CONSUL_HTTP_ADDR.includes('://') ? CONSUL_HTTP_ADDR : `http://${CONSUL_HTTP_ADDR}`;
  const headers = CONSUL_HTTP_TOKEN ? { 'x-consul-token': CONSUL_HTTP_TOKEN } : undefined;
  const response = await fetch(`${agent}/v1/agent/checks`, { signal, ...(headers ? { headers } : {}) });
  const checks = Object.values((await response.json()) as Record<string, AgentCheck>);
  const isOwn = (nodeID = '') => (NODE_ID ? nodeID === NODE_ID : nodeID.startsWith(`${hostname()}-`));
  const mine = checks.filter(({ ServiceID }) => isOwn(ServiceID.split(':')[1]));
  return mine.length > 0 && mine.every(({ Status }) => Status === 'passing');
}

process.exitCode = (await healthy().catch(() => false)) ? 0 : 1;
