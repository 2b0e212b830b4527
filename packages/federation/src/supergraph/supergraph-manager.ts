import { EventEmitter } from 'node:events';
import { type Logger, messageOf } from '../logger.ts';
import type { ParseOptions } from '../operation/parse-operation.ts';
import type { Planning } from '../planning/planner.ts';
import { ThreadError } from '../threads/task-thread.ts';
import { admit, type Refusal } from './admit.ts';
import { chooseSighting, FLAP_HOLD_MS } from './choose-hash.ts';
import type { Composer } from './composer.ts';
import { describeSupergraph } from './describe-supergraph.ts';
import type { Generation } from './generation.ts';
import { Generations } from './generations.ts';
import { Refusals } from './refusals.ts';
import { SdlReader } from './sdl-reader.ts';
import { Sightings } from './sightings.ts';
import type { SupergraphSnapshot } from './snapshot.ts';
import type { RefusedSubgraph, SupergraphStatus } from './status.ts';
import type { SubgraphDefinition, SubgraphSource } from './subgraph.ts';

export interface SupergraphManagerOptions {
  readonly sources: readonly SubgraphSource[];
  readonly composer: Composer;
  /** Closed by `stop`. */
  readonly planning: Planning;
  readonly snapshot?: SupergraphSnapshot | undefined;
  readonly logger: Logger;
  /** Of the operations that run on its generations. */
  readonly operations: ParseOptions;
  /** How long a newcomer may be refused before that is an error in the log, in ms. Default 3,000. */
  readonly newcomerPatience?: number;
  /** How long a new generation may be held back to plan the hottest operations for it, in ms. Default 250. */
  readonly warmUpTime?: number;
}

export interface SupergraphEvents {
  /** A new generation is current. */
  generation: [Generation];
  /** A superseded generation has ended its last operation. */
  retired: [Generation];
  /** A change was refused, the first time it was. */
  refused: [RefusedSubgraph];
}

/** Changes come in bursts: a node that joins brings several services. In ms. */
const COALESCE_MS = 5;

const RETRY_MS = 1_000;

const NEWCOMER_PATIENCE_MS = 3_000;

/**
 * Keeps the supergraph: collects subgraphs from its sources, composes them in a worker, swaps generations.
 *
 * - `current` changes in one step, and only to a supergraph that composed; a failure keeps the last good one.
 * - A change that does not compose is refused by itself where that can be told; the others are taken.
 * - A subgraph that vanishes keeps its fields, which then fail, until `forget`.
 * - One reconciliation runs at a time; what happens meanwhile starts the next.
 */
export class SupergraphManager extends EventEmitter<SupergraphEvents> {
  readonly #options: SupergraphManagerOptions;
  readonly #logger: Logger;
  readonly #sightings: Sightings;
  readonly #sdls: SdlReader;
  readonly #generations: Generations;
  readonly #refusals = new Refusals();
  #lastAttempt = '';
  #timer: NodeJS.Timeout | undefined;
  #laterTimer: NodeJS.Timeout | undefined;
  #queue: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: SupergraphManagerOptions) {
    super();
    this.#options = options;
    this.#logger = options.logger;
    this.#sightings = new Sightings(options.sources);
    this.#sdls = new SdlReader(() => this.#schedule(), options.logger);
    this.#generations = new Generations({
      ...options,
      onCurrent: (generation) => this.emit('generation', generation),
      onRetired: (generation) => this.emit('retired', generation),
    });
  }

  /** The generation that new operations run on; undefined until the first composition or snapshot. */
  get current(): Generation | undefined {
    return this.#generations.current;
  }

  /** Serves the snapshot, if there is one, then starts the sources. Rejects when a source cannot start at all. */
  async start(): Promise<void> {
    this.#options.planning.warm();
    if (this.#options.sources.length > 0) this.#options.composer.warm();
    await this.#generations.loadSnapshot();
    for (const source of this.#options.sources) await source.start(() => this.#schedule());
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#generations.close();
    clearTimeout(this.#timer);
    clearTimeout(this.#laterTimer);
    this.#sdls.close();
    for (const source of this.#options.sources) await source.stop();
    await this.#options.composer.close();
    await this.#options.planning.close();
    await this.#queue;
    await this.#generations.saved();
  }

  status(): SupergraphStatus {
    this.#sightings.refresh(Date.now());
    return describeSupergraph({
      current: this.#generations.current,
      accepted: this.#accepted,
      sightings: this.#sightings,
      sdls: this.#sdls,
      refusals: this.#refusals,
      retiring: this.#generations.retiring,
    });
  }

  /**
   * Takes the fields of a vanished subgraph out of the supergraph.
   *
   * @throws Error when it is not known, still alive somewhere, or when the others do not compose without it.
   */
  forget(name: string): Promise<void> {
    const done = this.#queue.then(async () => {
      if (!this.#accepted.has(name)) throw new Error(`There is no subgraph "${name}".`);
      if (this.#sightings.of(name).length > 0)
        throw new Error(`The subgraph "${name}" is still being served.`);
      const rest = [...this.#accepted.values()].filter((subgraph) => subgraph.name !== name);
      if (rest.length === 0) throw new Error(`The subgraph "${name}" is the only one.`);
      const { composition, subgraphs, refused } = await admit([], rest, (inputs) =>
        this.#options.composer.compose(inputs),
      );
      if (!composition || refused.length > 0) {
        const reason = refused.flatMap(({ faults }) => faults.map(({ message }) => message)).join('; ');
        throw new Error(`The supergraph does not compose without "${name}": ${reason}`);
      }
      await this.#generations.swap({ ...composition, subgraphs });
    });
    this.#queue = done.catch(() => undefined);
    return done;
  }

  #schedule(): void {
    if (this.#timer || this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#queue = this.#queue.then(() => this.#reconcile()).catch((error: unknown) => this.#retry(error));
    }, COALESCE_MS);
  }

  #scheduleIn(ms: number): void {
    clearTimeout(this.#laterTimer);
    this.#laterTimer = setTimeout(() => this.#schedule(), ms);
    this.#laterTimer.unref();
  }

  /** The worker died or was too slow: nothing is known about the changes, so they are tried again. */
  #retry(error: unknown): void {
    if (this.#stopped) return;
    this.#logger.error(
      `The supergraph could not be brought up to date, next try in ${RETRY_MS} ms: ${messageOf(error)}`,
    );
    this.#scheduleIn(RETRY_MS);
  }

  /** What the current generation was composed of. */
  get #accepted(): ReadonlyMap<string, SubgraphDefinition> {
    return this.#generations.current?.subgraphs ?? new Map();
  }

  async #reconcile(): Promise<void> {
    if (this.#stopped) return;
    const changes = this.#changes();
    const base = [...this.#accepted.values()];
    const attempt = JSON.stringify([...base, ...changes].map(({ name, hash, route }) => [name, hash, route]));
    if (attempt === this.#lastAttempt) return;
    if (changes.length === 0) {
      this.#lastAttempt = '';
      this.#refusals.clear();
      return;
    }
    const admission = await admit(base, changes, (inputs) => this.#options.composer.compose(inputs));
    if (this.#stopped) return;
    this.#refuse(admission.refused);
    if (!admission.composition) {
      this.#lastAttempt = attempt;
      return;
    }
    try {
      await this.#generations.swap({ ...admission.composition, subgraphs: admission.subgraphs });
    } catch (error) {
      if (error instanceof ThreadError) throw error;
      const faults = [{ message: messageOf(error), code: 'PLANNER_FAILED' }];
      this.#lastAttempt = attempt;
      this.#refuse(changes.map((subgraph) => ({ subgraph, faults })));
      return;
    }
    this.#lastAttempt = attempt;
    // What was refused over the old base may fit the new one.
    if (admission.refused.length > 0) this.#schedule();
  }

  /** What is seen and not accepted yet, as far as its SDL is there. */
  #changes(): readonly SubgraphDefinition[] {
    const now = Date.now();
    this.#sightings.refresh(now);
    this.#sdls.keepOnly(this.#sightings.all());
    const changes: SubgraphDefinition[] = [];
    for (const name of this.#sightings.names()) {
      const current = this.#accepted.get(name);
      const chosen = chooseSighting(
        this.#sightings.of(name),
        current && { hash: current.hash, since: this.#sightings.since(current) },
        current && this.#sightings.vanishedSince(current),
        now,
      );
      if (!chosen) this.#scheduleIn(FLAP_HOLD_MS);
      if (!chosen || (chosen.hash === current?.hash && sameRoute(chosen, current))) continue;
      const sdl = this.#sdls.get(this.#sightings.sourceOf(chosen), chosen);
      if (sdl === undefined) continue;
      changes.push({ name, hash: chosen.hash, sdl, route: chosen.route });
    }
    return changes;
  }

  #refuse(refusals: readonly Refusal[]): void {
    for (const refused of this.#refusals.replace(refusals)) {
      this.#complain(refused);
      this.emit('refused', refused);
    }
  }

  /** A new version of what is served is a fault at once; a newcomer may only be waiting for the rest of its mesh. */
  #complain(refused: RefusedSubgraph): void {
    const { name, hash, reason } = refused;
    const complaint = `Subgraph "${name}" (${hash}) is refused, the supergraph stays without this version: ${reason}`;
    if (this.#accepted.has(name)) {
      this.#logger.error(complaint);
      return;
    }
    this.#logger.info(complaint);
    setTimeout(() => {
      if (!this.#stopped && this.#refusals.has(refused)) this.#logger.error(complaint);
    }, this.#options.newcomerPatience ?? NEWCOMER_PATIENCE_MS).unref();
  }
}

const sameRoute = (a: Pick<SubgraphDefinition, 'route'>, b: Pick<SubgraphDefinition, 'route'>): boolean =>
  JSON.stringify(a.route) === JSON.stringify(b.route);
