/** This repository's gateway, started as `npm run gateway` does. */
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import type { Gateway, Program, Setting, Sharing } from './gateway.ts';

const settings: ReadonlyArray<Pick<Gateway, 'name' | 'label' | 'transport'>> = [
  { name: 'http', label: 'this gateway, HTTP subgraphs', transport: 'http' },
  { name: 'moleculer', label: 'this gateway, Moleculer over NATS', transport: 'moleculer' },
];

export const ours: readonly Gateway[] = settings.flatMap((setting) =>
  (['off', 'operations'] as const).map(
    (sharing): Gateway => ({
      ...setting,
      sharing,
      kind: 'ours',
      packages: ['moleculer', 'undici', 'nats'],
      prepare: (given, port) => program(given, port, setting.transport, sharing),
    }),
  ),
);

async function program(
  setting: Setting,
  port: number,
  transport: Gateway['transport'],
  sharing: Sharing,
): Promise<Program> {
  return {
    command: process.execPath,
    args: ['--conditions=source', '--disable-warning=ExperimentalWarning', 'scripts/gateway.ts'],
    env: {
      PORT: String(port),
      // The peers write no access log either.
      LOG_LEVEL: 'warn',
      DATA_DIR: await mkdtemp(join(setting.folder, 'data-')),
      ...(sharing === 'off' ? { SUBGRAPH_DEDUP: 'off' } : {}),
      ...(transport === 'http' ? { SUBGRAPHS_FILE: setting.subgraphsFile } : { NATS_URL: setting.natsUrl }),
    },
  };
}
