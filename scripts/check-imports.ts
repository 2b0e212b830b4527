/** `npm run check`, last part: prints every import that breaks a rule as file:line, and exits with 1 if there is one. */
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkImports, type SourceFile } from './imports/rules.ts';

const root = fileURLToPath(new URL('../', import.meta.url));
const skipped = /(^|\/)(node_modules|dist|\.[^/]+)(\/|$)/;

async function sources(): Promise<SourceFile[]> {
  const names = await readdir(root, { withFileTypes: true });
  const folders = names.filter((entry) => entry.isDirectory() && !skipped.test(entry.name));
  const nested = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(root, folder.name), { recursive: true })).map((name) => join(folder.name, name)),
    ),
  );
  const paths = [...names.filter((entry) => entry.isFile()).map((entry) => entry.name), ...nested.flat()]
    .map((path) => path.split(sep).join('/'))
    .filter((path) => path.endsWith('.ts') && !skipped.test(path))
    .sort();
  return Promise.all(paths.map(async (path) => ({ path, text: await readFile(join(root, path), 'utf8') })));
}

const files = await sources();
const offences = checkImports(files);
for (const { path, line, message } of offences) console.error(`${path}:${line} ${message}`);
console.log(`import rules: ${files.length} files, ${offences.length} offences`);
if (offences.length > 0) process.exitCode = 1;
