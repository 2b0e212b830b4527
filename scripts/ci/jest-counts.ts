/** Prints `passed failed` of a Jest result file; a suite that could not run counts as one failure. */
import { readFile } from 'node:fs/promises';

interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

const text = await readFile(process.argv[2] ?? '', 'utf8').catch(() => '');
const result: Partial<JestResult> = text === '' ? {} : JSON.parse(text);
const failures = (result.numFailedTests ?? 0) + (result.numRuntimeErrorTestSuites ?? 0);
console.log(`${result.numPassedTests ?? 0} ${failures}`);
