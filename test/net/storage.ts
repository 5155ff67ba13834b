/** What every `Storage` does, whatever disk is below it. */
import { expect, test } from 'vitest';

import type { Storage } from '../../src/net/storage.ts';

/** `run` drives the world, where there is one, until what it is given has settled. */
export interface StorageKit {
  readonly storage: Storage;
  readonly path: (name: string) => string;
  readonly run: <Value>(promise: Promise<Value>) => Promise<Value>;
}

export function storageParity(open: () => StorageKit): void {
  const octets = (...values: number[]): Uint8Array => Uint8Array.from(values);

  test('a file that is not there reads as undefined, and may be removed', async () => {
    const { storage, path, run } = open();
    expect(await run(storage.read(path('none')))).toBeUndefined();
    await run(storage.remove(path('none')));
  });

  test('a file is replaced as a whole, in several parts', async () => {
    const { storage, path, run } = open();
    await run(storage.replace(path('a'), [octets(1, 2, 3)]));
    await run(storage.replace(path('a'), [octets(4), octets(), octets(5)]));
    expect([...(await run(storage.read(path('a'))))!]).toEqual([4, 5]);
  });

  test('a file grows at its end, is cut, and grows again from there', async () => {
    const { storage, path, run } = open();
    await run(storage.append(path('a'), octets(1, 2)));
    await run(storage.append(path('a'), octets(3)));
    await run(storage.truncate(path('a'), 2));
    await run(storage.append(path('a'), octets(9)));
    expect([...(await run(storage.read(path('a'))))!]).toEqual([1, 2, 9]);
    await run(storage.remove(path('a')));
    expect(await run(storage.read(path('a')))).toBeUndefined();
  });

  test('what cannot be written says which file, and why', async () => {
    const { storage, path, run } = open();
    const failure = run(storage.truncate(path('none'), 0)).catch((error: unknown) => error);
    expect(await failure).toMatchObject({
      code: 'TSDNS_STORAGE',
      message: expect.stringMatching(/^cannot write .*none: ENOENT$/) as string,
    });
  });
}
