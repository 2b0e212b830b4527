import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from '@jest/globals';
import type { Channel } from '../channel.ts';
import { channelContract } from '../testing/channel-contract.ts';
import { createSqliteChannel } from './local-channel.ts';

describe('the SQLite channel', () => {
  channelContract(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'channel-'));
    let open: Channel | undefined;
    return {
      async connect() {
        if (open) return open;
        const channel = createSqliteChannel({ path: join(folder, 'channel.db') });
        const close: Channel['close'] = async (options) => {
          open = undefined;
          await channel.close(options);
        };
        open = { ...channel, close, [Symbol.asyncDispose]: () => close() };
        return open;
      },
      hasAckWait: false,
      survivesClose: true,
      async [Symbol.asyncDispose]() {
        await open?.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  });
});
