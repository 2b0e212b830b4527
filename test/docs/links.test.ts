/** What the documents point at is there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../scripts/cli/service-files.ts';

const pages = [
  '*.md',
  'docs/**/*.md',
  'gateway/*.md',
  'services/**/*.md',
  'packages/*/*.md',
  'benchmarks/*.md',
];

test.each(globSync(pages, { cwd: projectRoot, exclude: ['**/node_modules/**'] }))(
  '%s has no dead link',
  (page) => {
    const text = readFileSync(join(projectRoot, page), 'utf8');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
    const files = links.filter((link) => !/^([a-z]+:|#)/.test(link)).map((link) => link.replace(/#.*/, ''));
    expect(files.filter((file) => !existsSync(join(projectRoot, dirname(page), file)))).toEqual([]);
  },
);
