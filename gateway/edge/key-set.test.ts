import { describe, expect, test } from '@jest/globals';
import { exportJWK, generateKeyPair, type JSONWebKeySet } from 'jose';
import { createKeySet } from './key-set.ts';

const jws = { payload: '', signature: '' };

async function keysNamed(...kids: string[]): Promise<JSONWebKeySet> {
  const keys = kids.map(async (kid) => {
    const { publicKey } = await generateKeyPair('ES256', { extractable: true });
    return { ...(await exportJWK(publicKey)), kid, alg: 'ES256' };
  });
  return { keys: await Promise.all(keys) };
}

/** A key set over a reader under control, and a clock that stands still. */
async function scenario(first: JSONWebKeySet | Error) {
  const state = { set: first, reads: 0, now: 0 };
  const read = async () => {
    state.reads++;
    if (state.set instanceof Error) throw state.set;
    return state.set;
  };
  const set = createKeySet(read, () => state.now);
  return { state, key: (kid: string) => set.key({ alg: 'ES256', kid }, jws) };
}

describe('key set', () => {
  test('is read once for many concurrent tokens', async () => {
    const { state, key } = await scenario(await keysNamed('a'));
    await Promise.all([key('a'), key('a'), key('a')]);
    await key('a');

    expect(state.reads).toBe(1);
  });

  test('is read again for a key id it does not know, after a rotation', async () => {
    const { state, key } = await scenario(await keysNamed('a'));
    await key('a');
    state.set = await keysNamed('a', 'b');
    state.now = 10_000;
    await key('b');

    expect(state.reads).toBe(2);
  });

  test('is not read again and again for key ids that do not exist', async () => {
    const { state, key } = await scenario(await keysNamed('a'));
    await key('a');
    for (let i = 0; i < 20; i++) await expect(key(`made-up-${i}`)).rejects.toThrow('no applicable key');

    expect(state.reads).toBe(1);
  });

  test('keeps the old keys while their owner is away', async () => {
    const { state, key } = await scenario(await keysNamed('a'));
    await key('a');
    state.set = new Error('away');
    state.now = 10_000;
    await expect(key('b')).rejects.toThrow('no applicable key');
    state.now = 1_000_000;
    await key('a');
    await key('a');

    expect(state.reads).toBe(3);
  });

  test('forgets a key that was withdrawn', async () => {
    const { state, key } = await scenario(await keysNamed('a'));
    await key('a');
    state.set = await keysNamed('b');
    state.now = 1_000_000;
    await key('a'); // starts the reading in the background
    await expect(key('a')).rejects.toThrow('no applicable key');
  });

  test('says that tokens cannot be verified before the first set was read', async () => {
    const { state, key } = await scenario(new Error('away'));
    await expect(key('a')).rejects.toMatchObject({ code: 'AUTHENTICATION_UNAVAILABLE', status: 503 });
    await expect(key('a')).rejects.toMatchObject({ code: 'AUTHENTICATION_UNAVAILABLE' });
    expect(state.reads).toBe(1);

    state.set = await keysNamed('a');
    state.now = 10_000;
    await expect(key('a')).resolves.toBeDefined();
  });
});
