import type { SubgraphRequest } from '../../../src/protocol.ts';
import { SubgraphFetchError } from '../../../src/transport/subgraph-fetch-error.ts';
import type { Allowances } from './compare.ts';
import type { Interference } from './engine.ts';
import { createRandom, seedOf } from './random.ts';

/** Stands in faulty answers for what no client may see. */
export const SECRET = 'secret-10.0.0.7';

/** What a faulty subgraph puts in the place of a value. No type but a custom scalar takes it for one. */
export const GARBAGE = [[[['wrong type']]]];

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
interface Response {
  data?: Json;
  errors?: Json[];
}

/**
 * A way in which a subgraph fails, the same for every fetch to it and, by its value, for every field: how fetches are put
 * together must not matter.
 */
type Fault = (name: string, response: Response, request: SubgraphRequest) => string;

const extensions = { code: 'BROKEN', service: 'forged', stacktrace: [SECRET], exception: { at: SECRET } };
const gone =
  (code: 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT' | 'RESPONSE_TOO_LARGE'): Fault =>
  (name) => {
    throw new SubgraphFetchError(code, name, new Error(SECRET));
  };
const says =
  (text: string): Fault =>
  () =>
    text;

/** Answers with other lists of entities; what is no entity fetch gets no data and no reason. */
const entities =
  (change: (list: Json[]) => Json): Fault =>
  (_name, { data, errors }) => {
    const map = data as Record<string, Json>;
    const lists = Object.keys(map ?? {}).filter((key) => key.startsWith('_entities'));
    if (lists.length === 0) return '{"data":null}';
    for (const key of lists) map[key] = change((map[key] ?? []) as Json[]);
    return JSON.stringify({ data: map, errors });
  };

/** Changes some of the fields, always the same for the same value. */
const fields =
  (
    change: (map: Record<string, Json>, key: string, path: readonly (string | number)[]) => Json | undefined,
  ): Fault =>
  (_name, response) => {
    const errors = [...(response.errors ?? [])];
    const walk = (value: Json, path: readonly (string | number)[]): void => {
      if (Array.isArray(value)) for (const [index, item] of value.entries()) walk(item, [...path, index]);
      if (value === null || typeof value !== 'object' || Array.isArray(value)) return;
      for (const key of Object.keys(value)) {
        const at = [...path, key];
        const inside = key.startsWith('_entities') || key === '__typename';
        if (!inside && seedOf(`${key}${JSON.stringify(value[key])}`) % 5 === 0) {
          const error = change(value, key, at);
          if (error !== undefined) errors.push(error);
        } else walk(value[key]!, at);
      }
    };
    walk(response.data ?? null, []);
    return JSON.stringify({ data: response.data, ...(errors.length > 0 && { errors }) });
  };

/** Every null of these has an error. */
const EXPLAINED: Readonly<Record<string, Fault>> = {
  unavailable: gone('SUBGRAPH_UNAVAILABLE'),
  timeout: gone('SUBGRAPH_TIMEOUT'),
  tooLarge: gone('RESPONSE_TOO_LARGE'),
  noJson: says(`<html>${SECRET}</html>`),
  cutOff: says('{"data":{"'),
  list: says('[]'),
  nothing: says('{}'),
  noReason: says('{"data":null}'),
  errorsOnly: says(JSON.stringify({ errors: [{ message: 'broken', extensions }] })),
  nullData: says(JSON.stringify({ data: null, errors: [{ message: 'broken', extensions }] })),
  errorsOfNoShape: says(
    JSON.stringify({ errors: [{ message: 7, path: { length: 3 }, extensions: SECRET.length }] }),
  ),
  oneTooFew: entities((list) => list.slice(1)),
  oneTooMany: entities((list) => [...list, null]),
  noList: entities(() => 7),
  entitiesOfNoShape: entities((list) => list.map(() => 7)),
  partial: fields((map, key, path) => {
    map[key] = null;
    return { message: 'not now', path: [...path], extensions };
  }),
  wrongTypes: fields((map, key) => {
    map[key] = GARBAGE;
    return undefined;
  }),
};

/** Nulls that the subgraph gives no reason for; it may be right. */
const SILENT: Readonly<Record<string, Fault>> = {
  missing: fields((map, key) => {
    delete map[key];
    return undefined;
  }),
  nulls: fields((map, key) => {
    map[key] = null;
    return undefined;
  }),
  nullEntities: entities((list) => list.map(() => null)),
};

const ALL = { ...EXPLAINED, ...SILENT };

/** Values that are not so, which other subgraphs may be sent. */
const MISLEADING = ['partial', 'wrongTypes', 'nulls'];

export interface Faults extends Required<Allowances> {
  readonly interfere: Interference;
  /** Subgraph → fault. */
  readonly chosen: Readonly<Record<string, string>>;
}

/** A fault for some of the subgraphs. */
export function chooseFaults(subgraphs: readonly string[], seed: number): Faults {
  const random = createRandom(seed);
  const chosen: Record<string, string> = {};
  for (const name of random.some(subgraphs)) chosen[name] = random.pick(Object.keys(ALL));
  return faultsOf(chosen);
}

/** The same fault at each fetch to a subgraph. */
export function faultsOf(chosen: Faults['chosen']): Faults {
  return {
    chosen,
    silent: Object.values(chosen).some((fault) => fault in SILENT),
    misled: Object.values(chosen).some((fault) => MISLEADING.includes(fault)),
    interfere: async (subgraph, request, answer) => {
      const text = JSON.stringify(await answer());
      const fault = ALL[chosen[subgraph] ?? ''];
      return fault ? fault(subgraph, JSON.parse(text) as Response, request) : text;
    },
  };
}
