/** A gateway of the comparison, and what it is given to serve. */
import type { QueryName } from '../workload/queries.ts';

/** The same for every gateway. */
export interface Setting {
  /** A folder of this run's own, for files that one gateway wants. */
  readonly folder: string;
  /** Of the HTTP subgraphs, by name. */
  readonly subgraphUrls: Readonly<Record<string, string>>;
  /** JSON list of the HTTP subgraphs, `{ name, url }`. */
  readonly subgraphsFile: string;
  /** SDL that @apollo/composition made of the HTTP subgraphs. */
  readonly supergraphFile: string;
  readonly natsUrl: string;
  /** The folder the peers are installed in. */
  readonly peers: string;
  /** Right answers, as JSON. */
  readonly answers: Readonly<Record<QueryName, string>>;
}

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Working folder. Default: this repository's root. */
  readonly cwd?: string;
}

export type Sharing = 'off' | 'subgraph requests' | 'operations' | 'whole requests';

export interface Gateway {
  /** What `--only` names; one name may stand for several settings of a gateway. */
  readonly name: string;
  readonly label: string;
  /** Which identical requests that are in flight together are answered once. */
  readonly sharing: Sharing;
  /** `ceiling` is no gateway: it bounds what one could reach. */
  readonly kind: 'ours' | 'peer' | 'ceiling';
  /** Which subgraphs it asks. */
  readonly transport: 'http' | 'moleculer';
  /** npm packages whose versions are reported, installed here or among the peers. */
  readonly packages: readonly string[];
  /** Writes the files it needs and says how to start it; it has to listen on 127.0.0.1:`port` and serve /graphql. */
  prepare(setting: Setting, port: number): Promise<Program>;
}
