/**
 * The shortest way from subgraphs' answers to the client's: what goes from one to the other unchanged is never more than
 * a piece of text, checked on the way; only objects that several subgraphs fill are made.
 *
 * It knows no errors. Whatever is not as it should be (an error, a null where none may be, an answer out of order, a
 * subgraph that takes long) is a SURPRISE, and the compiled path runs the same plan on the same answers from the start.
 */

import type { OperationVariables } from '../../operation/variables.ts';
import { SubgraphFetchError } from '../../transport/subgraph-fetch-error.ts';
import { SURPRISE } from '../compiled/leaf-text.ts';
import { endsWithin } from '../compiled/patience.ts';
import { bodyOf } from '../compiled/request-body.ts';
import type { WovenPlan, WovenRequest } from './compile-woven.ts';
import { Cursor, type Found } from './cursor.ts';
import { OpenObject, textOf, type Woven } from './open-object.ts';
import { Twins } from './twins.ts';
import { type Asked, askFor, takeEntities } from './woven-entities.ts';

export interface WovenExecution {
  readonly variables: OperationVariables;
  /** Carries a body to a subgraph; resolves to its answer's body, rejects with SubgraphFetchError only. */
  sendText(service: string, body: string): Promise<string>;
  /** As of a compiled execution. */
  readonly patience: number;
}

/** The data of the client's answer as JSON, or why it could not be woven. */
export type WovenResult =
  | { readonly text: string }
  | { readonly text?: undefined; readonly failure: 'surprise' | 'failed fetch' | 'late' };

/** Never rejects but by a fault of ours. */
export async function runWoven(execution: WovenExecution, plan: WovenPlan): Promise<WovenResult> {
  const found: Found = {
    objects: Array.from({ length: plan.nodes }, () => []),
    twins: Array.from({ length: plan.nodes }, () => new Twins()),
  };
  const open = plan.root && new OpenObject(plan.root.layout, plan.root.slots.size);
  let data: Woven | undefined = open && [open];
  try {
    for (const [index, wave] of plan.waves.entries()) {
      const isLast = index === plan.waves.length - 1;
      const sent = wave.flatMap((woven) => send(execution, woven, found) ?? []);
      const answered = Promise.all(sent.map(({ answer }) => answer));
      if (!isLast && !(await endsWithin(execution.patience, answered))) return { failure: 'late' };
      for (const [place, text] of (await answered).entries()) {
        const { woven, asked } = sent[place]!;
        const cursor = new Cursor(text, found);
        cursor.literal('{"data":');
        if (woven.readRoot) data = cursor.weave(woven.readRoot);
        else if (woven.fillRoot) woven.fillRoot(cursor, open!);
        else takeEntities(cursor, asked);
        cursor.match(END);
      }
    }
    if (data === undefined) throw SURPRISE;
    return { text: textOf(data) };
  } catch (error) {
    if (error instanceof SubgraphFetchError) return { failure: 'failed fetch' };
    // A string of some million escapes is more than a regular expression can hold.
    if (error === SURPRISE || error instanceof RangeError) return { failure: 'surprise' };
    throw error;
  }
}

/** What may stand after an answer's data; some servers end with a line break. */
const END = /\}[\n\r\t ]*$/y;

interface Sent {
  readonly woven: WovenRequest;
  readonly asked: readonly Asked[];
  readonly answer: Promise<string>;
}

/** Undefined when there is nothing to ask for. */
function send({ variables, sendText }: WovenExecution, woven: WovenRequest, found: Found): Sent | undefined {
  const { request, parts } = woven;
  const asked = parts.map((part) => askFor(part, found));
  if (!request.root && asked.every(({ receivers }) => receivers.length === 0)) return undefined;
  const lists = asked.map(({ part, text }) => `"${part.variable}":[${text}]`).join(',');
  return { woven, asked, answer: sendText(request.service, bodyOf(variables, request, lists)) };
}
