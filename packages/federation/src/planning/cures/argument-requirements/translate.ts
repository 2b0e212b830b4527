import { Kind, parse, visit } from 'graphql';
import type { FetchNode, PlanNode, PlanSelection } from '../../planner.ts';
import { printCompact } from '../../print-compact.ts';
import type { ArgumentRequirements } from './isolate.ts';
import { splitByRequirements } from './split.ts';

/**
 * Puts the real fields back into a fetch planned over stand-ins: the owner is asked for
 * `price__required_0: price(currency: "USD")`, the requiring subgraph is sent it as `price`.
 */
export function translateFetch(fetch: FetchNode, requirements: ArgumentRequirements): PlanNode {
  const parts = splitByRequirements(fetch, requirements).map(
    (part): FetchNode => ({
      ...part,
      operation: part.operation.includes('__required_')
        ? selectRealFields(part.operation, requirements)
        : part.operation,
      ...(part.requires && { requires: sendRealFields(part.requires, requirements) }),
    }),
  );
  return parts.length === 1 ? parts[0]! : { kind: 'Parallel', nodes: parts };
}

function selectRealFields(operation: string, { byVirtualName }: ArgumentRequirements): string {
  const document = visit(parse(operation, { noLocation: true }), {
    Field: (field) => {
      const required = byVirtualName.get(field.name.value);
      if (!required) return undefined;
      const alias = field.alias ?? { kind: Kind.NAME, value: required.virtualName };
      return { ...field, name: required.field.name, arguments: required.field.arguments ?? [], alias };
    },
  });
  return printCompact(document);
}

function sendRealFields(
  selections: readonly PlanSelection[],
  requirements: ArgumentRequirements,
): readonly PlanSelection[] {
  return selections.map((selection) => {
    const inner = selection.selections && { selections: sendRealFields(selection.selections, requirements) };
    const required = selection.kind === 'Field' ? requirements.byVirtualName.get(selection.name) : undefined;
    if (!required) return { ...selection, ...inner };
    return { kind: 'Field', name: required.field.name.value, alias: required.virtualName, ...inner };
  });
}
