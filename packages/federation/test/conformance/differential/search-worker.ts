import { parentPort, workerData } from 'node:worker_threads';
import { search } from './search.ts';
import type { Share } from './search-in-parallel.ts';

const { worlds, operationsPerWorld, kind }: Share = workerData;
parentPort!.postMessage(await search(worlds, operationsPerWorld, kind));
