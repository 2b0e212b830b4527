import { Kind, parse, type SelectionSetNode } from 'graphql';
import type { CompiledPart, CompiledPlan, CompiledRequest } from '../compiled/compile-plan.ts';
import { type PlainRepresentation, plainRepresentation } from '../compiled/represent.ts';
import type { TypeConditions } from '../type-conditions.ts';
import { compileFill, compileObject, type Fill, type OpenNode, type OpenNodes } from './compile-reader.ts';
import type { Read } from './cursor.ts';
import type { Layout } from './open-object.ts';
import type { ResponseNode, ResponseTree } from './response-tree.ts';
import { createSupplies, nodeAt, type Supplies, type Supply } from './supplies.ts';

/** A compiled plan whose answers are never built as objects where their text will do. Immutable. */
export interface WovenPlan {
  readonly services: ReadonlySet<string>;
  /** How many there are in the operation. */
  readonly nodes: number;
  /** Undefined when one answer is the client's as it stands. */
  readonly root: OpenNode | undefined;
  readonly waves: ReadonlyArray<readonly WovenRequest[]>;
}

export interface WovenRequest {
  readonly request: CompiledRequest;
  /** Of a request for root fields, if the root is open. */
  readonly fillRoot: Fill | undefined;
  /** Of a request for root fields, if it is not. */
  readonly readRoot: Read | undefined;
  readonly parts: readonly WovenPart[];
}

export interface WovenPart {
  readonly part: CompiledPart;
  readonly start: string;
  readonly keys: readonly string[];
  readonly places: readonly WovenPlace[];
}

/** The objects of one node that a part of a request fills. */
export interface WovenPlace {
  /** The node's number. */
  readonly id: number;
  /** Where the values of their representation are kept. */
  readonly slots: readonly number[];
  readonly fill: Fill;
}

/** Undefined for a plan that only the compiled path runs: docs/adr/0012 says which. */
export function compileWoven(
  { waves }: CompiledPlan,
  tree: ResponseTree,
  isOfType: TypeConditions,
): WovenPlan | undefined {
  const supplies = createSupplies(tree);
  const supplied = whole(
    waves.map((wave) => whole(wave.requests.map((request) => supply(request, tree, supplies)))),
  );
  if (!supplied || !supplies.areWhole()) return undefined;
  const openNodes = memoised((node) => openNode(node, supplies));
  const rootNode = openNodes(tree.root);

  const compilePart = ({ part, places }: SuppliedPart): WovenPart | undefined => {
    const plain = plainRepresentation(part.fetch, places[0]!.node.type.name, isOfType);
    if (!plain) return undefined;
    const compiled = places.map(({ node, supply }): WovenPlace | undefined => {
      const slots = slotsOf(plain, openNodes(node)!);
      return slots && { id: node.id, slots, fill: compileFill(node, supply, openNodes) };
    });
    const all = whole(compiled);
    return all && { part, start: plain.start, keys: plain.keys, places: all };
  };
  const compileRequest = ({ request, root, parts }: SuppliedRequest): WovenRequest | undefined => {
    const compiled = whole(parts.map(compilePart));
    if (!compiled) return undefined;
    return {
      request,
      parts: compiled,
      fillRoot: root && rootNode ? compileFill(tree.root, root, openNodes) : undefined,
      readRoot: root && !rootNode ? compileObject(tree.root, root, openNodes) : undefined,
    };
  };
  const compiled = whole(supplied.map((wave) => whole(wave.map(compileRequest))));
  if (!compiled) return undefined;
  const services = new Set(waves.flatMap((wave) => wave.requests.map(({ service }) => service)));
  return { services, nodes: tree.nodes.length, root: rootNode, waves: compiled };
}

/** A request with what it brings to the tree. */
interface SuppliedRequest {
  readonly request: CompiledRequest;
  readonly root: Supply | undefined;
  readonly parts: readonly SuppliedPart[];
}

interface SuppliedPart {
  readonly part: CompiledPart;
  readonly places: ReadonlyArray<{ readonly node: ResponseNode; readonly supply: Supply }>;
}

function supply(
  request: CompiledRequest,
  tree: ResponseTree,
  supplies: Supplies,
): SuppliedRequest | undefined {
  if (request.root) {
    const { path, fetch } = request.root;
    const selections = soleSelections(fetch.operation);
    if (!selections || path.length > 0 || fetch.outputRewrites?.length) return undefined;
    const root = supplies.add(tree.root, selections);
    return root && { request, root, parts: [] };
  }
  const parts = whole(request.compiledParts.map((part) => supplyPart(part, tree, supplies)));
  return parts && { request, root: undefined, parts };
}

function supplyPart(
  part: CompiledPart,
  { root }: ResponseTree,
  supplies: Supplies,
): SuppliedPart | undefined {
  const { fetch, paths } = part;
  const type = nodeAt(root, paths[0]!)?.type;
  const selections = type && entitySelections(fetch.operation, type.name);
  if (!selections || fetch.outputRewrites?.length) return undefined;
  const places = paths.map((path) => {
    const node = nodeAt(root, path);
    const supply = node?.type === type && node !== root ? supplies.add(node!, selections) : undefined;
    return supply && { node: node!, supply };
  });
  const all = whole(places);
  return all && { part, places: all };
}

function soleSelections(operation: string): SelectionSetNode | undefined {
  const { definitions } = parse(operation, { noLocation: true });
  const [sole] = definitions;
  return definitions.length === 1 && sole?.kind === Kind.OPERATION_DEFINITION ? sole.selectionSet : undefined;
}

/** What `_entities` is asked for, when it is asked for one type only. */
function entitySelections(operation: string, typename: string): SelectionSetNode | undefined {
  const [entities, ...more] = soleSelections(operation)?.selections ?? [];
  if (entities?.kind !== Kind.FIELD || more.length > 0) return undefined;
  const [ofType, ...others] = entities.selectionSet?.selections ?? [];
  const isSole =
    ofType?.kind === Kind.INLINE_FRAGMENT &&
    others.length === 0 &&
    ofType.typeCondition?.name.value === typename;
  return isSole ? ofType.selectionSet : undefined;
}

/** Objects stay text when one answer has all of them, just as the client wants it. */
function openNode(node: ResponseNode, supplies: Supplies): OpenNode | undefined {
  const [supply, ...more] = supplies.of(node);
  const { fields } = supply!;
  const asWanted =
    more.length === 0 &&
    fields.length === node.fields.length &&
    node.fields.every(
      ({ name, responseName }, index) => name === responseName && fields[index]!.name === name,
    );
  if (asWanted) return undefined;
  const slots = new Map<string, number>();
  for (const { fields } of supplies.of(node))
    for (const { name, isTypename } of fields)
      if (!isTypename && !slots.has(name)) slots.set(name, slots.size);
  return { id: node.id, slots, layout: layoutOf(node, slots) };
}

function layoutOf({ type, fields }: ResponseNode, slots: ReadonlyMap<string, number>): Layout {
  const starts: string[] = [];
  const places: number[] = [];
  let pending = '{';
  for (const [index, { responseName, name, kind }] of fields.entries()) {
    pending += `${index === 0 ? '' : ','}"${responseName}":`;
    if (kind === 'typename') pending += `"${type.name}"`;
    else {
      starts.push(pending);
      places.push(slots.get(name)!);
      pending = '';
    }
  }
  return { starts, slots: places, end: `${pending}}` };
}

/** Undefined when something is required that no answer brings here. */
function slotsOf({ names }: PlainRepresentation, { slots }: OpenNode): readonly number[] | undefined {
  return whole(names.map((name) => slots.get(name)));
}

function memoised(make: OpenNodes): OpenNodes {
  const made = new Map<ResponseNode, OpenNode | undefined>();
  return (node) => {
    if (!made.has(node)) made.set(node, make(node));
    return made.get(node);
  };
}

/** Undefined when one of them is. */
function whole<T>(items: ReadonlyArray<T | undefined>): readonly T[] | undefined {
  return items.every((item) => item !== undefined) ? items : undefined;
}
