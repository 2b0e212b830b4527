import { expect, test } from '@jest/globals';
import { type LoggerConfig, ServiceBroker } from 'moleculer';
import { ConsulDiscoverer } from 'moleculer-consul-discoverer';
import { NatsTransporter } from 'moleculer-nats-transporter';
import { readConfig } from './config.ts';
import { brokerOptions } from './moleculer.config.ts';

test('without NATS_URL a broker is alone; with it and Consul it has the transporter and discoverer of the mesh', () => {
  expect(brokerOptions(readConfig({})).transporter).toBeNull();
  const mesh = brokerOptions(readConfig({ NATS_URL: 'nats://a:1', CONSUL_HTTP_ADDR: 'a:1' }));
  expect(mesh.transporter).toBeInstanceOf(NatsTransporter);
  expect(mesh.registry?.discoverer).toBeInstanceOf(ConsulDiscoverer);
});

test('no call may wait for ever, and nothing is retried that may have run', () => {
  const options = brokerOptions(readConfig({}));
  expect(options.requestTimeout).toBeGreaterThan(0);
  expect(options.retryPolicy?.enabled ?? false).toBe(false);
});

test('each broker gets options of its own: Moleculer writes its defaults into them', () => {
  const config = readConfig({});
  const first = brokerOptions(config);
  new ServiceBroker({ ...first, logger: false });
  expect(brokerOptions(config)).not.toBe(first);
  expect(brokerOptions(config).transit).not.toHaveProperty('maxQueueSize');
});

test('a request id is a W3C trace id', async () => {
  const config = { ...readConfig({}), events: undefined };
  const broker = new ServiceBroker({ ...brokerOptions(config), logger: false });
  broker.createService({ name: 'a', actions: { id: (ctx) => ctx.requestID } });
  await broker.start();
  expect(await broker.call('a.id')).toMatch(/^[0-9a-f]{32}$/);
  await broker.stop();
});

test('a JSON log line keeps the error that was logged behind its text', () => {
  const lines: string[] = [];
  const options = brokerOptions(readConfig({ LOG_FORMAT: 'json', LOG_LEVEL: 'error' }));
  const { type, options: logger } = options.logger as LoggerConfig;
  const pino = { ...logger?.pino, destination: { write: (line: string) => void lines.push(line) } };
  const broker = new ServiceBroker({ ...options, logger: { type, options: { pino } } as LoggerConfig });
  broker.logger.error('it broke', new TypeError('because'));
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'error',
    msg: 'it broke',
    nodeID: broker.nodeID,
    err: { type: 'TypeError', message: 'because' },
  });
});
