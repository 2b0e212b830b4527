/** What the README tells a reader to type, read out of the README. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../scripts/cli/service-files.ts';

export interface Readme {
  /** The first query and the answer printed below it. */
  readonly firstQuery: string;
  readonly firstAnswer: unknown;
  /** "Add a service in five minutes": files to make by path, then the query to ask. */
  readonly fiveMinutes: { readonly files: ReadonlyMap<string, string>; readonly query: string };
}

export async function readReadme(): Promise<Readme> {
  const text = await readFile(join(projectRoot, 'README.md'), 'utf8');
  const block = (pattern: string) => {
    const found = new RegExp(`${pattern}\n([\\s\\S]*?)\n\`\`\``).exec(text)?.[1];
    if (found === undefined) throw new Error(`the README has no block ${pattern}`);
    return found;
  };
  const files = new Map<string, string>();
  for (const [, path = ''] of text.matchAll(/<!-- five-minutes: (services\/\S+) -->/g)) {
    files.set(path, `${block(`<!-- five-minutes: ${path} -->\n\`\`\`\\w+`)}\n`);
  }
  return {
    firstQuery: block('```graphql'),
    firstAnswer: JSON.parse(block('```json')),
    fiveMinutes: { files, query: block('<!-- five-minutes: query -->\n```graphql') },
  };
}
