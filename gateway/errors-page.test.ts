/** docs/errors.md and the catalogues in the code say the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { durableEventErrors } from 'moleculer-durable-events';
import { federationErrors } from 'moleculer-federation';
import { shopDeadLetters, shopErrors } from '../services/common/errors.ts';
import { edgeErrors } from './errors.ts';

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');

/** The rows of the first table below a heading, as the catalogues hold them. */
function documented(
  heading: string,
): Record<string, { status: number; retryable: boolean; meaning: string }> {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  const rows = section.matchAll(/^\| `(\w+)` *\| *(\d+) *\| *(yes|no) *\| (.*?) *\|$/gm);
  return Object.fromEntries(
    [...rows].map(([, code = '', status, retry, meaning = '']) => [
      code,
      { status: Number(status), retryable: retry === 'yes', meaning },
    ]),
  );
}

describe('docs/errors.md', () => {
  test.each([
    ['The HTTP edge', edgeErrors],
    ['The federation engine', federationErrors],
    ['The shop', shopErrors],
  ])('documents every code of "%s", and no other', (heading, catalogue) => {
    expect(documented(heading)).toEqual(catalogue);
  });

  test('documents every reason for a dead letter, and no other', () => {
    const section = page.split(/^## /m).find((part) => part.startsWith('Durable events')) ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` *\| (.*?) *\|$/gm)].map(([, code, meaning]) => [
      code,
      meaning,
    ]);

    expect(Object.fromEntries(rows)).toEqual({ ...durableEventErrors, ...shopDeadLetters });
  });

  test('gives no code two meanings', () => {
    const codes = [edgeErrors, federationErrors, shopErrors].flatMap((catalogue) => Object.keys(catalogue));

    expect(codes.filter((code, index) => codes.indexOf(code) !== index)).toEqual([]);
  });
});
