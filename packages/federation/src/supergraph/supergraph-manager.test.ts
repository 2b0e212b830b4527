import { describe, expect, test } from '@jest/globals';
import { CountedPlanning } from '../../test/support/counted-planning.ts';
import type { Logger } from '../logger.ts';
import { defaultLimits } from '../operation/limits.ts';
import { schemaHash } from '../protocol.ts';
import { Composer } from './composer.ts';
import type { ComposedSupergraph, Generation } from './generation.ts';
import type { RefusedSubgraph } from './status.ts';
import type { SubgraphSighting, SubgraphSource } from './subgraph.ts';
import { SupergraphManager } from './supergraph-manager.ts';

/** A registry played by the test. */
class StubSource implements SubgraphSource {
  readonly sdls = new Map<string, string>();
  reads = 0;
  /** Set to make reads fail. */
  failure: Error | undefined;
  #seen: SubgraphSighting[] = [];
  #onChange = (): void => {};
  #onLook = (): void => {};

  async start(onChange: () => void): Promise<void> {
    this.#onChange = onChange;
  }
  async stop(): Promise<void> {}
  sightings(): readonly SubgraphSighting[] {
    this.#onLook();
    return this.#seen;
  }
  /** The manager's next look at what is shown. */
  looked(): Promise<void> {
    return new Promise((resolve) => {
      this.#onLook = resolve;
    });
  }
  async readSdl({ hash }: SubgraphSighting): Promise<string> {
    this.reads++;
    if (this.failure) throw this.failure;
    return this.sdls.get(hash)!;
  }

  /** Shows these versions and nothing else. */
  show(...versions: ReadonlyArray<readonly [name: string, sdl: string, since?: number]>): void {
    this.#seen = versions.map(([name, sdl, since = 1]) => {
      const hash = schemaHash(sdl);
      this.sdls.set(hash, sdl);
      return { name, hash, since, route: { kind: 'broker', service: name }, instances: [`node-${hash}`] };
    });
    this.#onChange();
  }
}

interface Fixture extends AsyncDisposable {
  readonly manager: SupergraphManager;
  readonly source: StubSource;
  readonly composer: Composer;
  readonly planning: CountedPlanning;
  readonly log: string[];
  readonly saved: ComposedSupergraph[];
  generation(): Promise<Generation>;
  refused(): Promise<RefusedSubgraph>;
  /** Resolves when a line that begins so is logged from now on. */
  logged(start: string): Promise<void>;
}

async function startManager(stored?: ComposedSupergraph): Promise<Fixture> {
  const source = new StubSource();
  const composer = new Composer();
  const planning = new CountedPlanning();
  const log: string[] = [];
  const saved: ComposedSupergraph[] = [];
  let onLog = (_: string): void => {};
  const write = (message: string): void => {
    log.push(message);
    onLog(message);
  };
  const logger: Logger = {
    debug: write,
    info: write,
    warn: write,
    error: (message) => write(`ERROR ${message}`),
  };
  const manager = new SupergraphManager({
    sources: [source],
    composer,
    planning,
    logger,
    operations: { limits: defaultLimits, introspection: true },
    newcomerPatience: 50,
    warmUpTime: 60_000,
    snapshot: { load: async () => stored, save: async (supergraph) => void saved.push(supergraph) },
  });
  await manager.start();
  return {
    manager,
    source,
    composer,
    planning,
    log,
    saved,
    generation: () => new Promise((resolve) => manager.once('generation', resolve)),
    refused: () => new Promise((resolve) => manager.once('refused', resolve)),
    logged: (start) =>
      new Promise((resolve) => {
        onLog = (line) => line.startsWith(start) && resolve();
      }),
    [Symbol.asyncDispose]: () => manager.stop(),
  };
}

const A = 'type Query { a: Int }';
const A2 = 'type Query { a: Int a2: Int }';
const B = 'type Query { b: Int }';
const fields = ({ apiSchema }: Generation): string[] => Object.keys(apiSchema.getQueryType()!.getFields());

describe('the supergraph manager', () => {
  test('composes what it sees, one generation for a burst of changes', async () => {
    await using fixture = await startManager();
    expect(fixture.manager.current).toBeUndefined();
    const next = fixture.generation();
    fixture.source.show(['a', A]);
    fixture.source.show(['a', A], ['b', B]);
    const generation = await next;
    expect(generation.id).toBe(1);
    expect(fields(generation)).toEqual(['a', 'b']);
    expect(fixture.manager.current).toBe(generation);
  });

  test('takes the hash introduced last of several that are alive, and reads each SDL once', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A2, 10], ['a', A, 20]);
    expect(fields(await fixture.generation())).toEqual(['a']);
    fixture.source.show(['a', A2, 30], ['a', A, 20]);
    expect(fields(await fixture.generation())).toEqual(['a', 'a2']);
    fixture.source.show(['a', A2, 30], ['a', A, 40]);
    expect(fields(await fixture.generation())).toEqual(['a']);
    expect(fixture.source.reads).toBe(2);
  });

  test('refuses only the subgraph at fault, says so everywhere, and takes it when it is mended', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A]);
    await fixture.generation();

    const [next, refusal] = [fixture.generation(), fixture.refused()];
    fixture.source.show(['a', A], ['b', B], ['bad', 'type Query { bad: Nowhere }']);
    expect(fields(await next)).toEqual(['a', 'b']);
    expect(await refusal).toMatchObject({ name: 'bad', reason: expect.stringContaining('Nowhere') });
    expect(fixture.manager.status().refused).toMatchObject([
      { name: 'bad', hash: schemaHash('type Query { bad: Nowhere }'), since: expect.any(String) },
    ]);
    expect(fixture.log).toContainEqual(expect.stringContaining('"bad"'));

    const mended = fixture.generation();
    fixture.source.show(['a', A], ['b', B], ['bad', 'type Query { bad: Int }', 2]);
    expect(fields(await mended)).toEqual(['a', 'b', 'bad']);
    expect(fixture.manager.status().refused).toEqual([]);
  });

  test('logs the refusal of what is served at once as an error, that of a newcomer once it has lasted', async () => {
    await using fixture = await startManager();
    const errors = (): string[] => fixture.log.filter((line) => line.startsWith('ERROR'));
    fixture.source.show(['a', A]);
    await fixture.generation();
    let refusal = fixture.refused();
    fixture.source.show(['a', A], ['newcomer', 'type Query { n: Nowhere }']);
    await refusal;
    expect(errors()).toEqual([]);
    await fixture.logged('ERROR Subgraph "newcomer"');
    refusal = fixture.refused();
    fixture.source.show(['a', 'type Query { a: Nowhere }', 2]);
    await refusal;
    expect(errors().at(-1)).toContain('"a"');
  });

  test.each([
    ['SDL that is no GraphQL', 'type Query {'],
    ['a field of another type than elsewhere', 'type Query { a: String }'],
    [
      'a field that cannot be reached',
      'type Query { e: E } type E @key(fields: "id") { id: ID } extend type F @key(fields: "x") { x: ID @external y: Int }',
    ],
  ])('keeps the last good generation when a new version has %s', async (_, sdl) => {
    await using fixture = await startManager();
    fixture.source.show(['a', 'type Query { a: Int b: Int }'], ['b', B]);
    const good = await fixture.generation();
    const refusal = fixture.refused();
    fixture.source.show(['a', 'type Query { a: Int b: Int }'], ['b', B], ['b', sdl, 2]);
    expect(await refusal).toMatchObject({ name: 'b', hash: schemaHash(sdl) });
    expect(fixture.manager.current).toBe(good);
    expect(good.subgraphs.get('b')?.sdl).toBe(B);
  });

  test('refuses a newcomer again after it has been away', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A]);
    await fixture.generation();
    for (const round of [1, 2]) {
      const refusal = fixture.refused();
      fixture.source.show(['a', A], ['bad', 'nonsense']);
      expect([round, (await refusal).name]).toEqual([round, 'bad']);
      fixture.source.show(['a', A]);
      await quiet(fixture);
      expect(fixture.manager.status().refused).toEqual([]);
    }
  });

  test('keeps the fields of a subgraph that vanished, until it is forgotten', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A], ['b', B]);
    const both = await fixture.generation();
    fixture.source.show(['a', A]);
    await quiet(fixture);
    expect(fixture.manager.current).toBe(both);
    expect(fixture.manager.status().subgraphs.map(({ name, instances }) => [name, instances.length])).toEqual(
      [
        ['a', 1],
        ['b', 0],
      ],
    );

    await expect(fixture.manager.forget('a')).rejects.toThrow('still being served');
    await expect(fixture.manager.forget('x')).rejects.toThrow('no subgraph "x"');
    await fixture.manager.forget('b');
    expect(fields(fixture.manager.current!)).toEqual(['a']);
  });

  test('holds a version that is out of sight for a moment against an older one', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A, 10], ['a', A2, 20]);
    const newest = await fixture.generation();
    fixture.source.show(['a', A, 10]);
    await quiet(fixture);
    fixture.source.show(['a', A, 10], ['a', A2, 20]);
    await quiet(fixture);
    expect(fixture.manager.current).toBe(newest);
  });

  test('goes back to the older version when the newer one stays away', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A, 10], ['a', A2, 20]);
    await fixture.generation();
    const back = fixture.generation();
    fixture.source.show(['a', A, 10]);
    expect(fields(await back)).toEqual(['a']);
  });

  test('stays on the old version until the SDL of the new one has been read, and tries again', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A, 1]);
    const old = await fixture.generation();
    fixture.source.failure = new Error('node is gone');
    fixture.source.show(['a', A, 1], ['a', A2, 2]);
    while (fixture.source.reads < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(fixture.manager.current).toBe(old);
    expect(fixture.manager.status().pending).toEqual([
      { name: 'a', hash: schemaHash(A2), reason: 'node is gone' },
    ]);
    fixture.source.failure = undefined;
    expect(fields(await fixture.generation())).toEqual(['a', 'a2']);
  });

  test('lets operations end on the generation they began with', async () => {
    await using fixture = await startManager();
    fixture.source.show(['a', A, 1]);
    const first = await fixture.generation();
    let end = (): void => {};
    const operation = first.run(() => new Promise<void>((resolve) => (end = resolve)));
    fixture.source.show(['a', A2, 2]);
    await fixture.generation();
    expect(fixture.manager.status().retiring).toEqual([{ id: 1, inFlight: 1 }]);
    const retired = new Promise((resolve) => fixture.manager.once('retired', resolve));
    end();
    await operation;
    expect(await retired).toBe(first);
    expect(fixture.manager.status().retiring).toEqual([]);
  });

  test('plans what is hot for the next generation before that one is current, and frees the old planner', async () => {
    await using fixture = await startManager();
    const { planning, manager } = fixture;
    fixture.source.show(['a', A, 1]);
    const first = await fixture.generation();
    await planNow(first, 'query Hot { a }');
    const currentAtPlan: unknown[] = [];
    planning.onPlan = () => void currentAtPlan.push(manager.current?.id);
    fixture.source.show(['a', A2, 2]);
    const second = await fixture.generation();
    expect(currentAtPlan).toEqual([1]);
    expect([planning.opened, planning.closed]).toEqual([2, 1]);
    await planNow(second, 'query Hot { a }');
    expect(planning.plans).toEqual(['Hot', 'Hot']);
  });

  test('serves the snapshot of the last good supergraph at once, and composes nothing that is in it', async () => {
    await using before = await startManager();
    before.source.show(['a', A], ['b', B]);
    await before.generation();
    await before.manager.stop();
    expect(before.saved).toHaveLength(1);

    await using after = await startManager(before.saved[0]);
    expect(fields(after.manager.current!)).toEqual(['a', 'b']);
    after.source.show(['a', A]);
    await quiet(after);
    expect(after.manager.current!.id).toBe(1);
  });

  test('composes again after its worker died', async () => {
    await using fixture = await startManager();
    const outcome = fixture.composer.compose([{ name: 'a', url: 'x:a', sdl: A }]);
    await fixture.composer.close();
    await expect(outcome).rejects.toThrow('closed');
    fixture.source.show(['a', A]);
    expect(fields(await fixture.generation())).toEqual(['a']);
  });
});

async function planNow({ operations }: Generation, query: string): Promise<void> {
  const prepared = operations.prepare(query, undefined);
  if ('errors' in prepared) throw prepared.errors[0];
  await prepared.plan({});
}

/** Resolves when what the source shows has been dealt with: a refused `forget` queues behind it. */
async function quiet({ source, manager }: Fixture): Promise<void> {
  await source.looked();
  await manager.forget('no such subgraph').catch(() => undefined);
}
