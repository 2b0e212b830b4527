/** Folders of a test's own, gone with it. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/cli/service-files.ts';

export interface Folder extends AsyncDisposable {
  readonly path: string;
}

export async function temporaryFolder(): Promise<Folder> {
  return disposable(await mkdtemp(join(tmpdir(), 'mesh-')));
}

/** Inside the project, where service files find its packages. */
export async function projectFolder(): Promise<Folder> {
  const parent = join(projectRoot, '.data', 'test');
  await mkdir(parent, { recursive: true });
  return disposable(await mkdtemp(join(parent, 'mesh-')));
}

function disposable(path: string): Folder {
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }) };
}
