import {
  type GraphQLLeafType,
  type GraphQLOutputType,
  getNamedType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import { SURPRISE } from '../compiled/leaf-text.ts';
import type { Cursor, Read } from './cursor.ts';
import { leafPattern } from './leaf-pattern.ts';
import { type Layout, OpenObject } from './open-object.ts';
import type { ResponseNode } from './response-tree.ts';
import type { SuppliedField, Supply } from './supplies.ts';

/** How the objects of a node are kept. */
export interface OpenNode {
  readonly id: number;
  readonly layout: Layout;
  /** Where a value is kept, by its name in the fetches' answers. */
  readonly slots: ReadonlyMap<string, number>;
}

/** Fills an open object with what a fetch answers for it. */
export type Fill = (cursor: Cursor, object: OpenObject) => void;

/** Undefined when the objects of the node stay text. */
export type OpenNodes = (node: ResponseNode) => OpenNode | undefined;

/**
 * Compiles what a fetch answers for the objects of a node. Reads JSON without white space, fields in the order they
 * were asked for, which is what GraphQL servers write; values that the client's types let through unchanged. Anything
 * else is a SURPRISE.
 */
export function compileObject(node: ResponseNode, supply: Supply, openNodes: OpenNodes): Read {
  const open = openNodes(node);
  if (!open) return compileWoven(node, supply, openNodes);
  const { id, layout, slots } = open;
  const fill = compileFill(node, supply, openNodes);
  const read = (cursor: Cursor): OpenObject => {
    const object = new OpenObject(layout, slots.size);
    fill(cursor, object);
    cursor.found.objects[id]!.push(object);
    return object;
  };
  const beginning = compileBeginning(node, supply);
  return (cursor) => {
    const start = cursor.at;
    cursor.hole(start, beginning ? cursor.found.twins[id]!.take(cursor, beginning, read) : read(cursor));
  };
}

/** The leaves before anything else, or the whole object. Undefined when another object or a list comes first. */
function compileBeginning(node: ResponseNode, { fields }: Supply): RegExp | undefined {
  const until = fields.findIndex((field) => !field.isTypename && isComposite(field));
  if (until < 0) return sticky(`${leavesOf(node, fields)}\\}`);
  return until === 0 ? undefined : sticky(leavesOf(node, fields.slice(0, until)));
}

const leavesOf = (node: ResponseNode, fields: readonly SuppliedField[]): string =>
  fields.map((field, index) => leafOf(node, field, index === 0)).join('');

const leafOf = (node: ResponseNode, field: SuppliedField, isFirst: boolean): string =>
  `${keyOf(field, isFirst)}${field.isTypename ? `"${node.type.name}"` : patternOf(field)}`;

const keyOf = ({ name }: SuppliedField, isFirst: boolean): string => `${isFirst ? '\\{' : ','}"${name}":`;

/** Compiles the reading of an open object, value by value. */
export function compileFill(node: ResponseNode, supply: Supply, openNodes: OpenNodes): Fill {
  const { slots } = openNodes(node)!;
  const steps = supply.fields.map((field, index): Fill => {
    const start = `${index === 0 ? '{' : ','}"${field.name}":`;
    if (field.isTypename) return (cursor) => cursor.literal(`${start}"${node.type.name}"`);
    const slot = slots.get(field.name)!;
    if (isComposite(field)) {
      const value = compileValue(field, openNodes);
      return (cursor, object) => {
        cursor.literal(start);
        object.values[slot] = cursor.weave(value);
      };
    }
    const pattern = sticky(patternOf(field));
    return (cursor, object) => {
      cursor.literal(start);
      const from = cursor.at;
      cursor.match(pattern);
      object.values[slot] = cursor.text.slice(from, cursor.at);
    };
  });
  return (cursor, object) => {
    for (const step of steps) step(cursor, object);
    if (cursor.next() !== CLOSE_BRACE) throw SURPRISE;
  };
}

/** Runs of leaves are one regular expression each: in JavaScript nothing reads faster. */
function compileWoven(node: ResponseNode, supply: Supply, openNodes: OpenNodes): Read {
  const steps: Read[] = [];
  let pattern = '';
  for (const [index, field] of supply.fields.entries()) {
    if (field.isTypename || !isComposite(field)) pattern += leafOf(node, field, index === 0);
    else {
      steps.push(matching(pattern + keyOf(field, index === 0)), compileValue(field, openNodes));
      pattern = '';
    }
  }
  steps.push(matching(`${pattern}\\}`));
  if (steps.length === 1) return steps[0]!;
  return (cursor) => {
    for (const step of steps) step(cursor);
  };
}

/** An object, or a list. */
const isComposite = ({ field }: SuppliedField): boolean =>
  field !== undefined && (field.node !== undefined || isListType(nullable(field.type)));

function compileValue({ field, supply }: SuppliedField, openNodes: OpenNodes): Read {
  const { type, node } = field!;
  const named = getNamedType(type);
  const item = node
    ? compileObject(node, supply!, openNodes)
    : matching(leafPattern(named as GraphQLLeafType, false));
  return wrapped(type, item);
}

function wrapped(type: GraphQLOutputType, item: Read): Read {
  const inner = nullable(type);
  const read = isListType(inner) ? listOf(wrapped(inner.ofType, item)) : item;
  if (isNonNullType(type)) return read;
  return (cursor) => {
    if (cursor.text.charCodeAt(cursor.at) === LETTER_N) cursor.literal('null');
    else read(cursor);
  };
}

function listOf(item: Read): Read {
  return (cursor) => {
    cursor.literal('[');
    if (cursor.text.charCodeAt(cursor.at) === CLOSE_BRACKET) {
      cursor.at++;
      return;
    }
    for (;;) {
      item(cursor);
      const next = cursor.next();
      if (next === CLOSE_BRACKET) return;
      if (next !== COMMA) throw SURPRISE;
    }
  };
}

function patternOf({ field }: SuppliedField): string {
  if (!field) return leafPattern(undefined, true);
  const type = nullable(field.type);
  return leafPattern(isLeafType(type) ? type : undefined, !isNonNullType(field.type));
}

const nullable = (type: GraphQLOutputType): GraphQLOutputType => (isNonNullType(type) ? type.ofType : type);
const sticky = (pattern: string): RegExp => new RegExp(pattern, 'y');

function matching(pattern: string): Read {
  const expression = sticky(pattern);
  return (cursor) => cursor.match(expression);
}

const COMMA = 44;
const CLOSE_BRACKET = 93;
const LETTER_N = 110;
const CLOSE_BRACE = 125;
