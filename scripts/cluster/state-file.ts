/** `cluster.json` in the data folder: where a running cluster is, for the REPL and other tools on the same machine. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../cli/service-files.ts';

export interface ClusterState {
  /** Of the supervisor. */
  readonly pid: number;
  /** May hold credentials: the file is readable by its owner only. */
  readonly natsUrl: string;
  readonly consulAddress: string;
  readonly namespace: string;
  /** Base URLs of the gateways. */
  readonly gateways: readonly string[];
  readonly nodes: readonly { readonly name: string; readonly pid: number | undefined }[];
}

export function dataFolder(env: NodeJS.ProcessEnv): string {
  return env.DATA_DIR || join(projectRoot, '.data');
}

export async function writeState(folder: string, state: ClusterState): Promise<void> {
  await mkdir(folder, { recursive: true });
  // Whoever reads meanwhile must find the old one or the new one, whole.
  const draft = join(folder, `cluster.json.${randomUUID()}`);
  await writeFile(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, join(folder, 'cluster.json'));
}

/** The running cluster of this data folder; undefined when there is none, or the file is left over from a dead one. */
export async function readState(folder: string): Promise<ClusterState | undefined> {
  try {
    const state: ClusterState = JSON.parse(await readFile(join(folder, 'cluster.json'), 'utf8'));
    process.kill(state.pid, 0);
    return state;
  } catch {
    return undefined;
  }
}

export async function removeState(folder: string): Promise<void> {
  await rm(join(folder, 'cluster.json'), { force: true });
}
