/** `npm run load` against `npm start`: every book agrees, and the command says so. */
import { expect, test } from '@jest/globals';
import { runScript } from '../../support/command.ts';
import { temporaryFolder } from '../../support/folders.ts';

test('shoppers order, and orders, stock, money, mails, points and counts agree afterwards', async () => {
  await using data = await temporaryFolder();
  await using shop = runScript('start', [], { env: { PORT: '0', DATA_DIR: data.path } });
  const [, url = ''] = await shop.until(/GraphQL\s+(\S+)\/graphql/);
  const options = ['--url', url, '--shoppers', '4', '--orders', '20', '--seed', '7'];
  await using load = runScript('load', options);
  expect([await load.exited, load.output()]).toEqual([
    0,
    expect.stringMatching(/^All \d+ checks hold: .*\n$/m),
  ]);
});

test('where no shop runs it says so in a line', async () => {
  await using load = runScript('load', ['--url', 'http://127.0.0.1:9']);
  expect(await load.exited).toBe(1);
  expect(load.output()).toMatch(/^no demonstration shop at http:\/\/127\.0\.0\.1:9: .*\n$/);
});
