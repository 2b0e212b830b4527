/** The other gateways, each started as its documentation says, for production. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FEDERATION_2, subgraphs } from '../subgraphs/definitions.ts';
import type { Gateway, Sharing } from './gateway.ts';

const peer = { kind: 'peer', transport: 'http' } as const;

const apollo: Gateway = {
  ...peer,
  name: 'apollo',
  label: 'Apollo Server 5 + @apollo/gateway',
  sharing: 'off',
  packages: ['@apollo/gateway', '@apollo/server'],
  prepare: async (setting, port) => ({
    command: process.execPath,
    args: ['apollo.mjs', String(port), setting.supergraphFile],
    cwd: setting.peers,
  }),
};

const mercurius: Gateway = {
  ...peer,
  name: 'mercurius',
  label: 'Mercurius gateway',
  sharing: 'off',
  packages: ['@mercuriusjs/gateway', 'mercurius'],
  async prepare(setting, port) {
    const file = join(setting.folder, 'mercurius.json');
    const services = subgraphs.map(({ name, sdl }) => ({
      name,
      url: setting.subgraphUrls[name],
      schema: sdl.replace(FEDERATION_2, ''),
    }));
    await writeFile(file, JSON.stringify(services));
    return { command: process.execPath, args: ['mercurius.mjs', String(port), file], cwd: setting.peers };
  },
};

const hive = (
  name: string,
  label: string,
  runtime: string,
  sharing: Exclude<Sharing, 'operations'>,
): Gateway => ({
  ...peer,
  name,
  label,
  sharing,
  packages: ['@graphql-hive/gateway', '@graphql-hive/router-runtime'],
  prepare: async (setting, port) => ({
    command: process.execPath,
    args: [
      'node_modules/@graphql-hive/gateway/dist/bin.js',
      ...['supergraph', setting.supergraphFile],
      ...['--config-path', 'hive.config.mjs', '--host', '127.0.0.1', '--port', String(port), '--fork', '1'],
      ...(runtime === 'standard' ? ['--jit'] : []),
    ],
    env: {
      HIVE_RUNTIME: runtime,
      HIVE_SHARING: { off: 'off', 'subgraph requests': 'on', 'whole requests': 'requests' }[sharing],
    },
    cwd: setting.peers,
  }),
});

const grafbase = (sharing: 'off' | 'subgraph requests'): Gateway => ({
  ...peer,
  name: 'grafbase',
  label: 'Grafbase (Rust)',
  sharing,
  packages: ['@grafbase/cli-x86_64-unknown-linux-musl'],
  async prepare(setting, port) {
    const label = sharing === 'off' ? 'off' : 'on';
    const file = join(setting.folder, `grafbase-${label}.toml`);
    const entries = await Promise.all(
      subgraphs.map(async ({ name, sdl }) => {
        const schema = join(setting.folder, `grafbase-${label}-${name}.graphql`);
        await writeFile(schema, sdl);
        return `[subgraphs.${name}]\nurl = "${setting.subgraphUrls[name]}"\nschema_path = "${schema}"\n`;
      }),
    );
    const shared = `[traffic_shaping]\ninflight_deduplication = ${sharing !== 'off'}\n`;
    await writeFile(file, [shared, ...entries].join('\n'));
    return {
      command: join(setting.peers, 'node_modules/@grafbase/cli-x86_64-unknown-linux-musl/grafbase'),
      args: ['--home', setting.folder, 'dev', '--config', file, '--port', String(port)],
      cwd: setting.folder,
    };
  },
});

export const peers: readonly Gateway[] = [
  apollo,
  mercurius,
  hive('hive', 'Hive Gateway', 'standard', 'off'),
  hive('hive', 'Hive Gateway', 'standard', 'subgraph requests'),
  hive('hive-router', 'Hive Gateway, router runtime', 'router', 'off'),
  hive('hive-router', 'Hive Gateway, router runtime', 'router', 'subgraph requests'),
  hive('hive-router', 'Hive Gateway, router runtime', 'router', 'whole requests'),
  grafbase('off'),
  grafbase('subgraph requests'),
];
