import { describe } from '@jest/globals';
import { postgresDatabases } from './common/database/test-databases.ts';
import { fulfilmentContract } from './fulfilment.contract.ts';

const skip = process.env.SKIP_POSTGRES === '1' && process.env.CI !== 'true';
if (skip) process.stderr.write('\nNOT RUN: the fulfilment of orders on PostgreSQL (SKIP_POSTGRES=1)\n');

(skip ? describe.skip : describe)('on PostgreSQL', () => fulfilmentContract(postgresDatabases));
