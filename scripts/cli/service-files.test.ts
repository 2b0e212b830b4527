import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { temporaryFolder } from '../../test/support/folders.ts';
import { filesOf, findServiceFiles, gatewayFile } from './service-files.ts';

test('a folder with a service file is a unit, and so is a single file; nothing else is', async () => {
  await using folder = await temporaryFolder();
  for (const path of [
    'orders/orders.service.ts',
    'orders/order.ts',
    'common/money.ts',
    'hello.service.ts',
    'config.ts',
  ]) {
    await mkdir(join(folder.path, path, '..'), { recursive: true });
    await writeFile(join(folder.path, path), '');
  }
  const found = await findServiceFiles(folder.path);
  expect([...found]).toEqual([
    ['hello', [join(folder.path, 'hello.service.ts')]],
    ['orders', [join(folder.path, 'orders/orders.service.ts')]],
  ]);
  expect(await filesOf(['orders', 'gateway'], folder.path)).toEqual([
    join(folder.path, 'orders/orders.service.ts'),
    gatewayFile,
  ]);
  await expect(filesOf(['nope'], folder.path)).rejects.toThrow(
    'no service nope: there are gateway, hello, orders',
  );
});
