import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { queries } from '../workload/queries.ts';
import type { Gateway } from './gateway.ts';

/** No gateway at all: node:http that parses the request and serializes an answer it has in memory. */
export const ceiling: Gateway = {
  name: 'ceiling',
  label: 'ceiling: node:http, answer in memory',
  sharing: 'off',
  kind: 'ceiling',
  transport: 'http',
  packages: [],
  async prepare({ folder, answers }, port) {
    const file = join(folder, 'ceiling.json');
    const byQuery = Object.entries(queries).map(([name, query]) => [
      query,
      JSON.parse(answers[name as keyof typeof queries]),
    ]);
    await writeFile(file, JSON.stringify(Object.fromEntries(byQuery)));
    const script = fileURLToPath(new URL('ceiling-process.ts', import.meta.url));
    return { command: process.execPath, args: [script, String(port), file] };
  },
};
