/** A node that is started before the servers it needs. */
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { accepts } from '../../../scripts/infra/child.ts';
import { startConsulAgent } from '../../../scripts/infra/consul.ts';
import { freePort } from '../../../scripts/infra/free-port.ts';
import { startNatsServer } from '../../../scripts/infra/nats.ts';
import { runScript } from '../../support/command.ts';
import { temporaryFolder } from '../../support/folders.ts';

test('NATS and Consul away at start: a line says so, the node waits, and joins when they are there', async () => {
  await using data = await temporaryFolder();
  const [port, natsPort, consulPort] = [await freePort(), await freePort(), await freePort()];
  const ready = () => fetch(`http://127.0.0.1:${port}/health/ready`);
  await using gateway = runScript('gateway', [], {
    env: {
      PORT: String(port),
      DATA_DIR: data.path,
      NATS_URL: `nats://127.0.0.1:${natsPort}`,
      CONSUL_HTTP_ADDR: `127.0.0.1:${consulPort}`,
      LOG_LEVEL: 'warn',
      LOG_FORMAT: 'text',
    },
  });
  await gateway.until(new RegExp(`127\\.0\\.0\\.1:${natsPort}`));
  while (!(await accepts(port))) await delay(20);
  const waiting = await ready();
  expect(waiting.status).toBe(503);
  expect(await waiting.text()).toContain('transporter: not connected');
  const refused = await fetch(`http://127.0.0.1:${port}/graphql?query={__typename}`);
  expect(refused.status).toBe(503);
  expect(await refused.text()).toContain('SUPERGRAPH_UNAVAILABLE');
  await using nats = await startNatsServer({ port: natsPort });
  await gateway.until(new RegExp(`127\\.0\\.0\\.1:${consulPort}`));
  await using consul = await startConsulAgent({ port: consulPort });
  await gateway.until(/gateway on (\S+)\/graphql/);
  const response = await ready();
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('supergraph');
  // One line for each server that is away, not one for each attempt.
  const complaints = gateway
    .output()
    .split('\n')
    .filter((line) => /WARN|ERROR|FATAL/.test(line));
  expect(complaints.length).toBeLessThanOrEqual(3);
  gateway.signal('SIGTERM');
  expect(await gateway.exited).toBe(0);
  expect([nats.output(), consul.address]).toBeDefined();
});
