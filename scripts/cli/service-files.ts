/** Which services there are on disk: a folder is a service, `orders/orders.service.ts`, or a single file is. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ServiceBroker, ServiceSchema } from 'moleculer';
import { UsageError } from './run.ts';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));
export const shopFolder = join(projectRoot, 'services');
export const gatewayFile = join(projectRoot, 'gateway', 'gateway.service.ts');

const SUFFIX = '.service.ts';

/** Service files by unit name (the folder's name, or the file's without its suffix), in order of name. */
export async function findServiceFiles(folder: string): Promise<Map<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isFile() && entry.name.endsWith(SUFFIX)) {
      found.set(entry.name.slice(0, -SUFFIX.length), [path]);
    } else if (entry.isDirectory()) {
      // The folder of a service may be on its way out, or half written, while a cluster watches.
      const inside = await readdir(path).catch(() => []);
      const files = inside.filter((file) => file.endsWith(SUFFIX)).map((file) => join(path, file));
      if (files.length > 0) found.set(entry.name, files.sort());
    }
  }
  return found;
}

/** The files of the named units; `gateway` is one of them. @throws UsageError naming a unit that is not there. */
export async function filesOf(units: readonly string[], folder: string): Promise<string[]> {
  const found = await findServiceFiles(folder);
  return units.flatMap((unit) => {
    if (unit === 'gateway') return [gatewayFile];
    const files = found.get(unit);
    if (!files)
      throw new UsageError(`no service ${unit}: there are gateway, ${[...found.keys()].join(', ')}`);
    return files;
  });
}

/** Creates the services that the files export by default; they start with the broker, or at once if it runs. */
export async function loadServices(broker: ServiceBroker, files: readonly string[]): Promise<void> {
  for (const file of files) {
    const loaded: { default?: ServiceSchema } = await import(pathToFileURL(file).href);
    if (!loaded.default?.name) throw new UsageError(`${file} has no default export with a service's name`);
    broker.createService(loaded.default);
  }
}
