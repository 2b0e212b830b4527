import { untruth } from './compare.ts';
import type { TextAnswer } from './engine.ts';
import { type Faults, SECRET } from './faults.ts';

/** What only the inside of the gateway and its subgraphs knows. */
const INSIDE = new RegExp(`${SECRET}|_entities|representations|__chain_|__required_|__alias_`);

/** What is wrong with an answer some of whose subgraphs failed, given the answer of the schema in one piece. */
export function faultOf(
  query: string,
  actual: TextAnswer,
  whole: TextAnswer,
  faults: Faults,
): string | undefined {
  const names = new Set(query.match(/\w+/g));
  for (const error of actual.errors) {
    const text = JSON.stringify(error);
    if (INSIDE.test(error.message) || INSIDE.test(JSON.stringify(error.extensions)))
      return `shows its inside: ${text}`;
    if (error.path?.some((step) => typeof step === 'string' && !names.has(step)))
      return `has a path that is not the client's: ${text}`;
    if (typeof error.extensions?.code !== 'string') return `has no code: ${text}`;
    if (error.extensions.service === 'forged') return `names another subgraph: ${text}`;
    if (typeof error.extensions.service !== 'string') return `names no subgraph: ${text}`;
  }
  return untruth(actual, whole, faults);
}

/**
 * What tells the executors' answers apart: data, and what failed with whom. How often an error is told, and how near to
 * its place, depends on how fetches are put together.
 */
export function unlike(compiled: TextAnswer, plain: TextAnswer): string | undefined {
  if (compiled.data !== plain.data) return `data: ${compiled.data}\nplain: ${plain.data}`;
  const [ours, theirs] = [failuresIn(compiled), failuresIn(plain)];
  return ours === theirs ? undefined : `errors: ${ours}\nplain: ${theirs}`;
}

const failuresIn = ({ errors }: TextAnswer): string =>
  [...new Set(errors.map(({ message, extensions }) => JSON.stringify([message, extensions])))]
    .sort()
    .join('\n');
