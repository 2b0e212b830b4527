/** The checks of a reconciliation as a table for people, with a verdict below it. Pure. */
import type { Check } from './reconcile.ts';

export const holds = ({ expected, found }: Check): boolean => expected === found;

/** One line a check, then the verdict. Ends with a newline. */
export function reportOf(checks: readonly Check[]): string {
  const rows = checks.map((check) => [
    ...[check.what, `${check.expected}`, `${check.found}`, holds(check) ? 'ok' : 'WRONG'],
  ]);
  const header = ['check', 'expected', 'found', ''];
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  const wrong = checks.filter((check) => !holds(check)).length;
  const verdict =
    wrong === 0
      ? `All ${checks.length} checks hold: nothing lost, nothing doubled.`
      : `${wrong} of ${checks.length} checks do NOT hold.`;
  return `${[header, ...rows].map(line).join('\n')}\n\n${verdict}\n`;
}
