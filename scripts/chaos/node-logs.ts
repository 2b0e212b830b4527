/** A file for each node, and one for what happens to them. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import type { ClusterOptions } from '../cluster/cluster.ts';

export function nodeLogs(folder: string): Pick<ClusterOptions, 'output' | 'event'> {
  mkdirSync(folder, { recursive: true });
  const files = new Map<string, WriteStream>();
  const write = (name: string, line: string) => {
    const file = files.get(name) ?? createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    files.set(name, file);
    file.write(`${line}\n`);
  };
  return {
    output: write,
    event: (text, node = 'servers') => write('cluster', `${new Date().toISOString()} ${node} ${text}`),
  };
}
