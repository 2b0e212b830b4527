import type { DataMap } from '../values.ts';
import type { CompiledPart } from './compile-plan.ts';
import type { TypeRepresentation } from './represent.ts';

/** The representations of one part of a request. */
export interface Asked {
  readonly part: CompiledPart;
  /** JSON of the list's items. */
  readonly text: string;
  /** `targets[i]` wait for the i-th entity; never empty lists. */
  readonly targets: ReadonlyArray<readonly DataMap[]>;
}

/** Builds the list in one pass; entities that are known by the same values are asked for once. */
export function ask(part: CompiledPart, collected: ReadonlyMap<string, readonly DataMap[]>): Asked {
  const targets: DataMap[][] = [];
  /** By the raw value of a sole key, and by text: an id may be spelt like the text of another representation. */
  const byKey = new Map<TypeRepresentation, Map<unknown, number>>();
  const byText = new Map<string, number>();
  let text = '';
  let lastType: unknown;
  let how: TypeRepresentation | undefined;
  let indexes: Map<unknown, number> | undefined;
  for (const key of part.collections) {
    for (const target of collected.get(key) ?? []) {
      if (how === undefined || indexes === undefined || target.__typename !== lastType) {
        lastType = target.__typename;
        how = part.represent(lastType);
        indexes = byKey.get(how) ?? new Map();
        byKey.set(how, indexes);
      }
      const id = how.names?.length === 1 ? target[how.names[0]!] : undefined;
      const scalar = typeof id === 'string' || typeof id === 'number';
      const known = scalar ? indexes.get(id) : undefined;
      if (known !== undefined) {
        targets[known]!.push(target);
        continue;
      }
      const representation = how.text(target);
      if (representation === undefined) continue;
      const same = scalar ? undefined : byText.get(representation);
      if (same !== undefined) {
        targets[same]!.push(target);
        continue;
      }
      if (scalar) indexes.set(id, targets.length);
      else byText.set(representation, targets.length);
      targets.push([target]);
      text += text === '' ? representation : `,${representation}`;
    }
  }
  return { part, text, targets };
}
