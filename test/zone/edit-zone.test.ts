/** Zones after changes: as if they had been loaded so. */
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { compareZones, soaOf } from '../../src/zone/compare-zones.ts';
import type { ZoneDifference } from '../../src/zone/difference.ts';
import { editZone } from '../../src/zone/edit-zone.ts';
import { printZone } from '../../src/zone/print.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { zoneOf } from './answer.ts';

const HEAD = '$TTL 300\n@ SOA ns h 1 2 3 4 5\n@ NS ns\nns A 192.0.2.1\n';
const pause = (): Promise<void> => Promise.resolve();

function loaded(body: string, serial = 1): Zone {
  return zoneOf(HEAD.replace('h 1', `h ${serial}`) + body, 'example.');
}

async function difference(before: Zone, after: Zone): Promise<ZoneDifference> {
  return (await compareZones(before, after, { mostRecords: 1e6, pause }))!;
}

async function edited(before: Zone, after: Zone): Promise<Zone> {
  const result = editZone(before, await difference(before, after));
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

const found = (zone: Zone, name: string, type: number = RRType.A): string =>
  zone.find(nameOf(name), type).kind;

describe('a name whose last record goes', () => {
  test('does not exist any more, nor the empty names above it', async () => {
    const zone = await edited(loaded('a.b.c A 192.0.2.2\n'), loaded(''));
    for (const name of ['a.b.c.example.', 'b.c.example.', 'c.example.']) {
      expect(found(zone, name), name).toBe('nxdomain');
    }
  });

  test('stays as long as there is a name below it', async () => {
    const before = loaded('a.b A 192.0.2.2\nb A 192.0.2.3\n');
    const zone = await edited(before, loaded('a.b A 192.0.2.2\n'));
    expect(found(zone, 'b.example.')).toBe('nodata');
    expect(found(await edited(zone, loaded('')), 'b.example.')).toBe('nxdomain');
  });

  test('can come again', async () => {
    const gone = await edited(loaded('a.b A 192.0.2.2\n'), loaded(''));
    expect(found(await edited(gone, loaded('a.b A 192.0.2.9\n')), 'a.b.example.')).toBe('answer');
  });
});

test('a name is a zone cut while it owns NS, and redirected while it owns DNAME', async () => {
  const plain = loaded('');
  const cut = await edited(plain, loaded('sub NS ns\nold DNAME example.net.\n'));
  expect(found(cut, 'x.sub.example.')).toBe('referral');
  expect(found(cut, 'x.old.example.')).toBe('dname');
  const both = await edited(cut, loaded('sub A 192.0.2.4\nold A 192.0.2.4\n'));
  expect(found(both, 'x.sub.example.')).toBe('nxdomain');
  expect(found(both, 'old.example.')).toBe('answer');
});

test('what takes away what is not there, or adds what is, does not fit', () => {
  const zone = loaded('a A 192.0.2.2\n');
  const soa = soaOf(zone);
  const record: ResourceRecord = {
    name: nameOf('a.example.'),
    type: RRType.A,
    class: DnsClass.IN,
    ttl: 300,
    rdata: Uint8Array.of(192, 0, 2, 2),
  };
  const other = { ...record, rdata: Uint8Array.of(192, 0, 2, 99) };
  const apply = (change: Partial<ZoneDifference>): unknown =>
    editZone(zone, { from: soa, to: soa, deleted: [], added: [], ...change });
  expect(apply({ deleted: [other] })).toMatchObject({ error: 'no record a.example. A to delete' });
  expect(apply({ added: [record] })).toMatchObject({ error: 'duplicate: a.example. A' });
  const alias = { ...record, type: RRType.CNAME, rdata: nameOf('b.example.').wire };
  expect(apply({ added: [alias] })).toMatchObject({ error: 'conflict: a.example. CNAME' });
});

test('an edit leaves the version before as it was', async () => {
  const before = loaded('a A 192.0.2.2\n');
  const text = printZone(before, 'canonical');
  await edited(before, loaded('b A 192.0.2.2\n'));
  expect(printZone(before, 'canonical')).toBe(text);
});

test('hundreds of edits do not let an image grow', async () => {
  let zone = loaded('');
  for (let i = 0; i < 100; i++) {
    zone = await edited(zone, loaded(`h${i} TXT "${'x'.repeat(200)}"\n`, i + 2));
  }
  const one = loaded(`h TXT "${'x'.repeat(200)}"\n`);
  expect(zone.image.byteLength).toBeLessThan(8 * one.image.byteLength);
});

test('any two versions: what leads from one to the other makes the same zone of it', async () => {
  const label = fc.constantFrom('a', 'b', 'c', 'a.b', 'A.b', 'x.a.b', 'c.c', '*.d', '@');
  const data = fc.constantFrom('A 192.0.2.7', 'A 192.0.2.8', 'MX 5 a', 'MX 5 A', 'TXT x', 'NS ns');
  const ttl = fc.constantFrom(300, 600);
  const line = fc.tuple(label, ttl, data).map((parts) => parts.join(' '));
  const many = Array.from({ length: 40 }, (_, i) => `many TXT ${i}\n`).join('');
  const body = fc.tuple(fc.array(line, { maxLength: 12 }), fc.boolean());
  const textOf = ([lines, isMany]: readonly [readonly string[], boolean]): string =>
    `${lines.join('\n')}\n${isMany ? many : ''}`;
  await fc.assert(
    fc.asyncProperty(fc.array(body, { minLength: 2, maxLength: 5 }), async (bodies) => {
      const versions = bodies.map((one, i) => loaded(textOf(one), i + 1));
      let zone = versions[0]!;
      for (const version of versions.slice(1)) {
        zone = await edited(zone, version);
        expect(printZone(zone, 'canonical')).toBe(printZone(version, 'canonical'));
        expect(zone.recordCount).toBe(version.recordCount);
        for (const name of ['a', 'b', 'c', 'a.b', 'x.a.b', 'y.c', 'q.d', 'z', 'many']) {
          for (const type of [RRType.A, RRType.MX]) {
            const asked = `${name}.example.`;
            expect(found(zone, asked, type), asked).toBe(found(version, asked, type));
          }
        }
      }
    }),
    { numRuns: 60 },
  );
});

test('more differences than are wanted are none', async () => {
  const after = loaded('a A 192.0.2.2\nb A 192.0.2.2\nc A 192.0.2.2\n');
  const few = { mostRecords: 2, pause };
  expect(await compareZones(loaded(''), after, few)).toBeUndefined();
  expect(await compareZones(after, loaded(''), few)).toBeUndefined();
  expect(await compareZones(loaded(''), after, { mostRecords: 3, pause })).toBeDefined();
});
