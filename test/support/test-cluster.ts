/** A running `npm run cluster`, with its addresses. */
import type { ClusterState } from '../../scripts/cluster/state-file.ts';
import { readState } from '../../scripts/cluster/state-file.ts';
import { type Command, runScript } from './command.ts';
import { type Folder, temporaryFolder } from './folders.ts';

export interface TestCluster extends AsyncDisposable {
  readonly command: Command;
  readonly dataDir: string;
  /** Base URL of the first gateway. */
  readonly url: string;
  /** Base URL of the Consul agent. */
  readonly consul: string;
  /** The state file as it is now. */
  state(): Promise<ClusterState>;
}

/** Resolves when the cluster says it is ready. @param more over an environment of its own. */
export async function startTestCluster(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<TestCluster> {
  const folder: Folder = await temporaryFolder();
  const env = { PORT: '0', DATA_DIR: folder.path, LOG_LEVEL: 'warn', ...more };
  const command = runScript('cluster', args, { env });
  const dispose = async () => {
    await command[Symbol.asyncDispose]();
    await folder[Symbol.asyncDispose]();
  };
  try {
    const [, url = ''] = await command.until(/ready in [\d.]+ s\s+GraphQL\s+(\S+)\/graphql[\s\S]*The answer/);
    const state = async () => {
      const found = await readState(folder.path);
      if (!found) throw new Error('no cluster.json');
      return found;
    };
    const { consulAddress } = await state();
    return {
      command,
      dataDir: folder.path,
      url,
      consul: `http://${consulAddress}`,
      state,
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** True while a process with this id exists. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
