import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

import { createStorage } from '../../../src/net/real/storage.ts';
import { storageParity } from '../storage.ts';

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-storage-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe("this machine's disk", () => {
  let opened = 0;
  storageParity(() => {
    const prefix = `${opened++}-`;
    const path = (name: string): string => join(folder, `${prefix}${name}`);
    return { storage: createStorage(), path, run: (promise) => promise };
  });

  test('a replacement that cannot be made leaves the file and nothing beside it', async () => {
    const storage = createStorage();
    const file = join(folder, 'kept');
    await storage.replace(file, [Uint8Array.of(1)]);
    function* broken(): Iterable<Uint8Array> {
      yield Uint8Array.of(2);
      throw new Error('no more');
    }
    await expect(storage.replace(file, broken())).rejects.toThrow('no more');
    expect([...(await storage.read(file))!]).toEqual([1]);
    expect(readdirSync(folder).filter((name) => name.startsWith('kept'))).toEqual(['kept']);
  });
});
