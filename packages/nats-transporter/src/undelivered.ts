/**
 * Subjects on which the server tells this node that a message of its own had no listener (NATS "no responders").
 *
 *     MOL.UNDELIVERED.<this node>.req.<context id>               a request
 *     MOL.UNDELIVERED.<this node>.node.<node id>.<instance id>   a liveness probe
 *     MOL.UNDELIVERED.<this node>.res.<number>                   a response, while callers may still be reconnecting
 *
 * Below the namespace's own prefix, so that permissions for `MOL.>` cover it.
 */
export type Undelivered =
  | { readonly kind: 'req'; readonly contextId: string }
  | { readonly kind: 'node'; readonly nodeID: string; readonly instanceID: string }
  | { readonly kind: 'res'; readonly number: number };

export const inboxOf = (prefix: string, nodeID: string): string => `${prefix}.UNDELIVERED.${nodeID}`;

export function replySubject(inbox: string, what: Undelivered): string {
  switch (what.kind) {
    case 'req':
      return `${inbox}.req.${token(what.contextId)}`;
    case 'node':
      return `${inbox}.node.${token(what.nodeID)}.${token(what.instanceID)}`;
    case 'res':
      return `${inbox}.res.${what.number}`;
  }
}

/** Undefined for anything that is not one of ours. */
export function readReplySubject(inbox: string, subject: string): Undelivered | undefined {
  if (!subject.startsWith(`${inbox}.`)) return undefined;
  const [kind, first, second] = subject.slice(inbox.length + 1).split('.');
  if (!first) return undefined;
  if (kind === 'req') return { kind, contextId: decodeURIComponent(first) };
  if (kind === 'res') return { kind, number: Number(first) };
  if (kind === 'node' && second !== undefined) {
    return { kind, nodeID: decodeURIComponent(first), instanceID: decodeURIComponent(second) };
  }
  return undefined;
}

/** One token of a subject: no dot, no wildcard, no space. Ids of Moleculer's own generator stay as they are. */
const token = (text: string): string => (/^[\w-]+$/.test(text) ? text : encoded(text));

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll('.', '%2E').replaceAll('*', '%2A').replaceAll('>', '%3E');
