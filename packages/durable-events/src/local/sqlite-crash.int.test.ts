import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createRecorder, type Recorder } from '../testing/recorder.ts';
import { createSqliteChannel } from './local-channel.ts';

/** The publisher's first message of each of its twenty keys: what is in the middle of its first attempt at the kill. */
const CUT_OFF = Array.from({ length: 20 }, (_, index) => `m${index}`);

const FIXTURE = fileURLToPath(new URL('./publish-until-killed.fixture.ts', import.meta.url));
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'channel-'));
  path = join(folder, 'channel.db');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the publisher until it has reported `count` ids, then ends it with SIGKILL; answers all reported. */
async function publishUntilKilled(count: number): Promise<string[]> {
  const child = spawn(process.execPath, [FIXTURE, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (text.split('\n').length > count) child.kill('SIGKILL');
  });
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
  return text.trim().split('\n');
}

test('what was published survives kill -9, in order per key; the attempt that was cut off counts', async () => {
  const published = await publishUntilKilled(200);
  await using channel = createSqliteChannel({ path });
  const seen = createRecorder();
  await channel.subscribe('order.placed', 'mails', seen.handler);
  // One more may be stored than was reported, and come before some of those.
  await untilSeen(seen, published);
  const ofKey7 = seen.deliveries
    .filter(({ message }) => message.key === 'k7')
    .map(({ message }) => message.id);
  expect(ofKey7).toEqual(ofKey7.toSorted(byNumber));
  const second = seen.deliveries.filter(({ attempt }) => attempt === 2).map(({ message }) => message.id);
  expect(second.toSorted(byNumber)).toEqual(CUT_OFF);
});

test('what kills the process in each attempt becomes a dead letter', async () => {
  const published = await publishUntilKilled(60);
  await using channel = createSqliteChannel({ path });
  const seen = createRecorder();
  await channel.subscribe('order.placed', 'mails', seen.handler, { maxAttempts: 1 });
  await untilSeen(seen, published.slice(CUT_OFF.length));
  const letters = await channel.deadLetters.list();
  expect(letters.map(({ message }) => message.id).toSorted(byNumber)).toEqual(CUT_OFF);
  expect(letters[0]?.reason.code).toBe('ATTEMPTS_UNREPORTED');
});

test('the file belongs to one process', async () => {
  await using channel = createSqliteChannel({ path });
  await channel.publish('order.placed', { id: 'a', key: 'k', headers: {}, data: new Uint8Array() });
  expect(() => createSqliteChannel({ path })).toThrow(expect.objectContaining({ code: 'CHANNEL_IN_USE' }));
});

async function untilSeen(seen: Recorder, ids: readonly string[]): Promise<void> {
  while (!ids.every((id) => seen.ids().includes(id))) await seen.until(seen.deliveries.length + 1);
}

function byNumber(a: string, b: string): number {
  return Number(a.slice(1)) - Number(b.slice(1));
}
