import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { packEntries, unpackEntries } from '../../../src/lab/order/log-entries.ts';
import { StoredLog } from '../../../src/lab/order/stored-log.ts';
import type { Disk } from '../../../src/lab/process/process.ts';

const entries = fc.array(
  fc.record({
    origin: fc.nat(65_535),
    count: fc.nat(2 ** 32 - 1),
    payload: fc.uint8Array({ maxLength: 20 }),
  }),
  { maxLength: 6 },
);

describe('entries of a log', () => {
  test('what is packed is unpacked', () => {
    fc.assert(
      fc.property(entries, (list) => {
        expect(unpackEntries(packEntries(list))).toEqual(list);
      }),
    );
  });

  test('octets that are no entries are undefined, never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const list = unpackEntries(bytes);
        if (list) expect([...packEntries(list)]).toEqual([...bytes]);
      }),
    );
  });
});

describe('a stored log', () => {
  function emptyDisk(): Disk {
    const files = new Map<string, Uint8Array>();
    return {
      read: (key) => files.get(key),
      write: (key, bytes) => {
        files.set(key, bytes);
      },
    };
  }

  test('is the same when it is read again, also after a shorter one has replaced it', () => {
    const property = fc.property(entries, entries, entries, (first, second, third) => {
      const disk = emptyDisk();
      const log = new StoredLog(disk);
      for (const entry of first) log.append(entry);
      log.replace(7, second);
      for (const entry of third) log.append(entry);
      log.view = 8;
      const again = new StoredLog(disk);
      expect(again.from(1)).toEqual([...second, ...third]);
      expect([again.view, again.normalView]).toEqual([8, 7]);
    });
    fc.assert(property);
  });
});
