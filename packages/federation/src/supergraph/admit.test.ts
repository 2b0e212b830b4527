import { describe, expect, test } from '@jest/globals';
import { admit } from './admit.ts';
import type { CompositionOutcome, SubgraphInput } from './compose.ts';
import type { SubgraphDefinition } from './subgraph.ts';

const subgraph = (name: string, sdl = ''): SubgraphDefinition => ({
  name,
  hash: `${name}${sdl}`,
  sdl,
  route: { kind: 'broker', service: name },
});

/** Composes what satisfies the rule; counts its calls. */
function composer(rule: (names: ReadonlySet<string>) => string | undefined) {
  const composed: string[] = [];
  return {
    composed,
    compose: async (inputs: readonly SubgraphInput[]): Promise<CompositionOutcome> => {
      const names = inputs.map(({ name, sdl }) => name + sdl);
      composed.push(names.join());
      const fault = rule(new Set(names));
      const blamed = inputs.find(({ name }) => fault?.startsWith(`[${name}]`))?.name;
      if (fault === undefined) return { supergraphSdl: names.join(), apiSdl: '' };
      return { faults: [{ message: fault, code: 'X', ...(blamed !== undefined && { subgraph: blamed }) }] };
    },
  };
}

const taken = (subgraphs: readonly SubgraphDefinition[]): string => subgraphs.map(({ hash }) => hash).join();

describe('admission of changes', () => {
  test('takes all that compose together, in one composition', async () => {
    const { compose, composed } = composer(() => undefined);
    const admission = await admit([subgraph('b')], [subgraph('a'), subgraph('b', '2')], compose);
    expect(taken(admission.subgraphs)).toBe('a,b2');
    expect(composed).toEqual(['a,b2']);
  });

  test('refuses those that composition blames by name, and composes the rest once more', async () => {
    const { compose, composed } = composer((names) => (names.has('bad') ? '[bad] is bad' : undefined));
    const admission = await admit([], [subgraph('a'), subgraph('bad'), subgraph('c')], compose);
    expect(taken(admission.subgraphs)).toBe('a,c');
    expect(admission.refused.map(({ subgraph: { name } }) => name)).toEqual(['bad']);
    expect(composed).toHaveLength(2);
  });

  test('finds by leaving out the one that spoils the others, though the others need each other', async () => {
    const { compose } = composer((names) =>
      names.has('x') ? 'clash' : names.has('a') !== names.has('b') ? 'a and b need each other' : undefined,
    );
    const admission = await admit([subgraph('base')], [subgraph('a'), subgraph('b'), subgraph('x')], compose);
    expect(taken(admission.subgraphs)).toBe('a,b,base');
    expect(admission.refused).toMatchObject([{ subgraph: { name: 'x' }, faults: [{ message: 'clash' }] }]);
  });

  test('takes one by one what it can, going round as long as something fits', async () => {
    const { compose } = composer((names) =>
      names.has('x') || names.has('y')
        ? 'clash'
        : names.has('a') && !names.has('b')
          ? 'a needs b'
          : undefined,
    );
    const admission = await admit([], [subgraph('a'), subgraph('b'), subgraph('x'), subgraph('y')], compose);
    expect(taken(admission.subgraphs)).toBe('a,b');
    expect(admission.refused.map(({ subgraph: { name } }) => name)).toEqual(['x', 'y']);
    expect(admission.composition).toEqual({ supergraphSdl: 'a,b', apiSdl: '' });
  });

  test('keeps the base when nothing fits', async () => {
    const { compose } = composer((names) => (names.has('a2') ? 'no' : undefined));
    const admission = await admit([subgraph('a')], [subgraph('a', '2')], compose);
    expect(admission.composition).toBeUndefined();
    expect(taken(admission.subgraphs)).toBe('a');
  });
});
