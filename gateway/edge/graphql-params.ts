/** From an HTTP request to a GraphQL request (GraphQL-over-HTTP §5). */
import type { IncomingMessage } from 'node:http';
import { getOperationAST, OperationTypeNode, parse } from 'graphql';
import type { GraphQLRequest } from 'moleculer-federation';
import { EdgeError } from '../errors.ts';
import { readBody } from './body.ts';

/**
 * Params of a POST: one JSON object in UTF-8, no compression. Only `application/json` is taken, because a browser asks
 * (preflight) before it sends that across sites; a form or plain text it sends unasked (CSRF).
 */
export async function paramsFromBody(req: IncomingMessage, limit: number): Promise<GraphQLRequest> {
  const contentType = req.headers['content-type'] ?? '';
  if (contentType !== 'application/json') refuseOtherThanJson(contentType);
  const encoding = req.headers['content-encoding'];
  if (encoding && encoding !== 'identity')
    throw new EdgeError('UNSUPPORTED_MEDIA_TYPE', 'Send the request without content encoding.', {
      'accept-encoding': 'identity',
    });
  const text = await readBody(req, limit);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new EdgeError('BAD_REQUEST', 'The request body is not JSON.');
  }
  if (Array.isArray(body))
    throw new EdgeError('BAD_REQUEST', 'Batches are not served: send one operation per request.');
  if (!isMap(body)) throw new EdgeError('BAD_REQUEST', 'The request body is not a JSON object.');
  return checked(body);
}

function refuseOtherThanJson(contentType: string): void {
  const [type = '', ...params] = contentType.toLowerCase().split(';');
  const charset = params.map((param) => param.trim()).find((param) => param.startsWith('charset='));
  if (type.trim() !== 'application/json')
    throw new EdgeError('UNSUPPORTED_MEDIA_TYPE', 'Send the request as application/json.', {
      accept: 'application/json',
    });
  if (charset && !/^charset="?utf-?8"?$/.test(charset))
    throw new EdgeError('UNSUPPORTED_MEDIA_TYPE', 'Send the request in UTF-8.');
}

/**
 * Params of a GET, from its query string. Anything but a query is refused: a GET must be safe to repeat, prefetch and
 * embed in somebody's page.
 */
export function paramsFromUrl(url: string, maxTokens: number): GraphQLRequest {
  const search = url.indexOf('?');
  const found = new URLSearchParams(search < 0 ? '' : url.slice(search + 1));
  const params: Record<string, unknown> = {};
  for (const name of ['query', 'operationName', 'variables', 'extensions']) {
    const values = found.getAll(name);
    if (values.length > 1)
      throw new EdgeError('BAD_REQUEST', `The parameter "${name}" is given more than once.`);
    const value = values[0];
    if (value === undefined || (value === '' && name !== 'query')) continue;
    params[name] = name === 'variables' || name === 'extensions' ? parseMap(name, value) : value;
  }
  const request = checked(params);
  if (!isQuery(request, maxTokens))
    throw new EdgeError('METHOD_NOT_ALLOWED', 'Only queries are served by GET; send mutations by POST.', {
      allow: 'POST',
    });
  return request;
}

function parseMap(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new EdgeError('BAD_REQUEST', `The parameter "${name}" is not JSON.`);
  }
}

function checked(params: Readonly<Record<string, unknown>>): GraphQLRequest {
  const { query, operationName, variables, extensions } = params;
  if (typeof query !== 'string' || query === '')
    throw new EdgeError('BAD_REQUEST', 'The parameter "query" must be a GraphQL document.');
  if (operationName !== undefined && operationName !== null && typeof operationName !== 'string')
    throw new EdgeError('BAD_REQUEST', 'The parameter "operationName" must be a string.');
  refuseOtherThanMap('variables', variables);
  refuseOtherThanMap('extensions', extensions);
  return {
    query,
    operationName: operationName || undefined,
    variables: (variables ?? undefined) as Readonly<Record<string, unknown>> | undefined,
  };
}

function refuseOtherThanMap(name: string, value: unknown): void {
  if (value !== undefined && value !== null && !isMap(value))
    throw new EdgeError('BAD_REQUEST', `The parameter "${name}" must be an object.`);
}

/** A document that does not parse counts as a query: the engine says what is wrong with it. */
function isQuery({ query, operationName }: GraphQLRequest, maxTokens: number): boolean {
  try {
    const operation = getOperationAST(parse(query, { noLocation: true, maxTokens }), operationName);
    return !operation || operation.operation === OperationTypeNode.QUERY;
  } catch {
    return true;
  }
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
