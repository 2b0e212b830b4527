import { expect, test } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from './postgres.ts';

const skipped = process.env.SKIP_POSTGRES === '1' && process.env.CI !== 'true';

(skipped ? test.skip : test)('a real PostgreSQL starts on a free port and takes queries', async () => {
  await using server = await startPostgres();
  const client = new pg.Client({ connectionString: await server.createDatabase('shop') });
  await client.connect();
  const { rows } = await client.query('select current_database() as name');
  await client.end();
  expect(rows).toEqual([{ name: 'shop' }]);
});
