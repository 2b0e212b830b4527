/** A disposable single-server Consul agent on loopback, every port free, nothing else bound. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, startChild, untilReady } from './child.ts';
import { consulAgent, findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';

export interface ConsulAgent extends AsyncDisposable {
  /** 127.0.0.1:PORT, as CONSUL_HTTP_ADDR takes it. */
  readonly address: string;
  readonly port: number;
  /** GET of an HTTP API path such as `/v1/catalog/services`, parsed. */
  get<T>(path: string, token?: string): Promise<T>;
  /** PUT of an HTTP API path, parsed where the answer is JSON. */
  put<T>(path: string, body?: unknown, token?: string): Promise<T>;
  /** Ends the agent; with `wipe` its data is gone too, as after the loss of a disk. */
  stop(options?: { readonly signal?: NodeJS.Signals; readonly wipe?: boolean }): Promise<void>;
  start(): Promise<void>;
  /** Resolves when the process that runs now has ended. */
  exited(): Promise<void>;
  output(): string;
}

/**
 * @param options.config further agent configuration as Consul's JSON (acl, tls …), merged over the defaults.
 * @param options.port of the HTTP API; a free one by default.
 */
export async function startConsulAgent(
  options: {
    readonly config?: Readonly<Record<string, unknown>>;
    readonly port?: number;
    readonly token?: string;
  } = {},
): Promise<ConsulAgent> {
  const binary = await findProgram(consulAgent);
  const [port, server, serfLan, serfWan] = [
    options.port ?? (await freePort()),
    await freePort(),
    await freePort(),
    await freePort(),
  ];
  const work = await mkdtemp(join(tmpdir(), 'consul-'));
  const data = join(work, 'data');
  const file = join(work, 'agent.json');
  await writeFile(
    file,
    JSON.stringify({
      server: true,
      bootstrap_expect: 1,
      node_name: `agent-${port}`,
      bind_addr: '127.0.0.1',
      client_addr: '127.0.0.1',
      data_dir: data,
      disable_update_check: true,
      enable_script_checks: false,
      leave_on_terminate: false,
      skip_leave_on_interrupt: true,
      performance: { raft_multiplier: 1 },
      ports: { http: port, dns: -1, grpc: -1, https: -1, server, serf_lan: serfLan, serf_wan: serfWan },
      ...options.config,
    }),
  );
  const address = `127.0.0.1:${port}`;
  const request = async <T>(
    method: string,
    path: string,
    body?: unknown,
    token = options.token,
  ): Promise<T> => {
    const init: RequestInit = {
      method,
      signal: AbortSignal.timeout(60_000),
      headers: token ? { 'x-consul-token': token } : {},
    };
    if (body !== undefined) init.body = JSON.stringify(body);
    const response = await fetch(`http://${address}${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`consul ${method} ${path}: ${response.status} ${text}`);
    return (text.startsWith('{') || text.startsWith('[') || text === 'true' ? JSON.parse(text) : text) as T;
  };
  let child: Child;
  const start = async () => {
    child = startChild(binary, ['agent', '-config-file', file, '-log-level', 'warn']);
    await untilReady(child, async () => {
      const leader = await (await fetch(`http://${address}/v1/status/leader`)).text();
      if (leader.length < 4) return false;
      // The leader answers before the agent has registered itself and before writes are taken.
      const put = await fetch(`http://${address}/v1/kv/ready`, { method: 'PUT', body: '1' });
      return put.ok || put.status === 403;
    });
  };
  await start();
  return {
    address,
    port,
    get: (path, token) => request('GET', path, undefined, token),
    put: (path, body, token) => request('PUT', path, body, token),
    start,
    exited: () => child.exited,
    async stop({ signal = 'SIGKILL', wipe = false } = {}) {
      await child.end(signal);
      if (wipe) await rm(data, { recursive: true, force: true });
    },
    output: () => child.output(),
    async [Symbol.asyncDispose]() {
      await child.end('SIGKILL');
      await rm(work, { recursive: true, force: true });
    },
  };
}
