/** `docker compose config` for machines without Docker: the compose files hold together and fit the repository. */
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { Ajv } from 'ajv';
import { parse } from 'yaml';
import { findServiceFiles, projectRoot, shopFolder } from '../../scripts/cli/service-files.ts';
import { composeSchema } from './compose-schema.ts';

interface ComposeService {
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes?: Readonly<Record<string, null>>;
}

const read = async (file: string): Promise<ComposeFile> =>
  parse(await readFile(join(projectRoot, file), 'utf8'), { merge: true });

const base = await read('docker-compose.yml');
const observability = await read('docker-compose.observability.yml');

/** As Compose merges `-f docker-compose.yml -f docker-compose.observability.yml`. */
const layered: ComposeFile = {
  services: { ...base.services, ...observability.services },
  volumes: { ...base.volumes, ...observability.volumes },
};

describe.each([
  ['docker-compose.yml', base, base],
  ['docker-compose.observability.yml', observability, layered],
])('%s', (_name, file, whole) => {
  test('is a compose file, in the part of the specification that we use', () => {
    const validate = new Ajv({ allErrors: true, allowUnionTypes: true, strictTuples: false }).compile(
      composeSchema,
    );
    validate(file);
    expect(validate.errors ?? []).toEqual([]);
  });

  test('waits only for services that exist and can become healthy', () => {
    for (const service of Object.values(file.services)) {
      for (const name of Object.keys(service.depends_on ?? {})) {
        expect(Object.keys(whole.services)).toContain(name);
        expect(whole.services[name]?.healthcheck).toBeDefined();
      }
    }
  });

  test('mounts volumes that it declares, and files that are in the repository', async () => {
    const sources = Object.values(file.services).flatMap((service) =>
      (service.volumes ?? []).map((volume) => volume.split(':')[0] ?? ''),
    );
    for (const source of sources) {
      if (source.startsWith('./')) await access(join(projectRoot, source));
      else expect(Object.keys(whole.volumes ?? {})).toContain(source);
    }
  });

  test('checks health by scripts that are in the repository', async () => {
    const scripts = Object.values(file.services)
      .flatMap((service) => service.healthcheck.test)
      .filter((argument) => argument.endsWith('.ts'));
    for (const script of scripts) await access(join(projectRoot, script));
  });
});

test('every service of the shop, and the gateway, has a container that runs it', async () => {
  const units = ['gateway', ...(await findServiceFiles(shopFolder)).keys()].sort();
  const run = Object.values(base.services).flatMap((service) =>
    String(service.environment?.SERVICES ?? '')
      .split(',')
      .filter((name) => name !== ''),
  );
  expect(run.sort()).toEqual(units);
});

test('JetStream acknowledges only what is on disk', async () => {
  await expect(readFile(join(projectRoot, 'docker/nats.conf'), 'utf8')).resolves.toContain(
    'sync_interval: always',
  );
});

test('the image installs every workspace package', async () => {
  const { readdir } = await import('node:fs/promises');
  const dockerfile = await readFile(join(projectRoot, 'Dockerfile'), 'utf8');
  for (const name of await readdir(join(projectRoot, 'packages'))) {
    expect(dockerfile).toContain(`COPY packages/${name}/package.json`);
  }
});
