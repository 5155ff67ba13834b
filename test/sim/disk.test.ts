import { describe, expect, test } from 'vitest';

import { SimDisk } from '../../src/sim/disk.ts';
import { World } from '../../src/sim/world.ts';
import { storageParity } from '../net/storage.ts';

describe('a simulated disk', () => {
  storageParity(() => {
    const world = new World({ seed: 1 });
    const { clock } = world.host({ addresses: ['192.0.2.1'] }).runtime;
    const storage = new SimDisk({ seed: 1 }).open(clock);
    return { storage, path: (name) => name, run: (promise) => world.run(promise) };
  });
});

describe('a crash', () => {
  /** Appends 'ab', then 'cdef', and loses its power in the middle of that. */
  async function torn(seed: number): Promise<string> {
    const world = new World({ seed });
    const { clock } = world.host({ addresses: ['192.0.2.1'] }).runtime;
    const disk = new SimDisk({ seed, syncMs: 10 });
    const storage = disk.open(clock);
    await world.run(storage.append('log', Buffer.from('ab')));
    let isDone = false;
    void storage.append('log', Buffer.from('cdef')).then(() => (isDone = true));
    await world.advance(5);
    disk.crash();
    await world.advance(50);
    expect(isDone).toBe(false);
    return Buffer.from((await world.run(disk.open(clock).read('log')))!).toString();
  }

  test('leaves what was synced and any part of what was not', async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 60; seed++) found.add(await torn(seed));
    expect([...found].toSorted()).toEqual(['ab', 'abc', 'abcd', 'abcde', 'abcdef']);
  });

  test('leaves the old file or the new one where a file was being replaced', async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 20; seed++) {
      const world = new World({ seed });
      const { clock } = world.host({ addresses: ['192.0.2.1'] }).runtime;
      const disk = new SimDisk({ seed });
      const storage = disk.open(clock);
      await world.run(storage.replace('f', [Buffer.from('old')]));
      void storage.replace('f', [Buffer.from('new'), Buffer.from('er')]);
      disk.crash();
      found.add(Buffer.from(disk.contents('f')!).toString());
    }
    expect([...found].toSorted()).toEqual(['newer', 'old']);
  });

  test('a program of before writes no more', async () => {
    const world = new World({ seed: 1 });
    const { clock } = world.host({ addresses: ['192.0.2.1'] }).runtime;
    const disk = new SimDisk({ seed: 1 });
    const before = disk.open(clock);
    disk.crash();
    void before.append('log', Buffer.from('x'));
    await world.advance(100);
    expect(disk.contents('log')).toBeUndefined();
  });
});

test('a full disk fails a write, and may keep half of what was appended', async () => {
  const world = new World({ seed: 1 });
  const { clock } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const disk = new SimDisk({ seed: 1 });
  const storage = disk.open(clock);
  disk.failNext('before', 'halfway');
  await expect(world.run(storage.append('log', Buffer.from('abcd')))).rejects.toThrow('ENOSPC');
  expect(disk.contents('log')).toBeUndefined();
  await expect(world.run(storage.append('log', Buffer.from('abcd')))).rejects.toThrow('ENOSPC');
  expect(Buffer.from(disk.contents('log')!).toString()).toBe('ab');
  expect(disk.writes).toBe(2);
});
