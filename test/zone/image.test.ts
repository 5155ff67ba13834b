import * as fc from 'fast-check';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
import { DnsClass, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { DnsName } from '../../src/wire/name.ts';
import { groupRRsets, type ResourceRecord, type RRset } from '../../src/wire/record.ts';
import { ImageBuilder } from '../../src/zone/image-builder.ts';
import { ImageLimitError, ImageSlab } from '../../src/zone/image-memory.ts';
import { openImage } from '../../src/zone/image.ts';
import { findInZone, type Found, type ZoneTree } from '../../src/zone/lookup.ts';
import type { Zone } from '../../src/zone/zone.ts';
import { zoneOf } from './answer.ts';

const ORIGIN = nameOf('example.');
const SOA = '\x02ns\0\x01h\0' + '\0\0\0\x07'.repeat(5);

function octetsOf(text: string): Uint8Array {
  return Uint8Array.from(text, (octet) => octet.charCodeAt(0));
}

function recordOf(name: DnsName, type: number, rdata: Uint8Array): ResourceRecord {
  return { name, type, class: DnsClass.IN, ttl: 300, rdata };
}

function imageOf(records: readonly ResourceRecord[], origin = ORIGIN): Zone {
  const builder = new ImageBuilder(origin);
  builder.insert(recordOf(origin, RRType.SOA, octetsOf(SOA)));
  for (const record of records) builder.insert(record);
  return openImage(builder.finish());
}

function linesOf(rrsets: Iterable<RRset>): readonly string[] {
  return [...rrsets].map(
    ({ name, type, ttl, rdatas }) =>
      `${name.toString()} ${ttl} ${type} ${rdatas.map((rdata) => rdata.join('.')).join(' ')}`,
  );
}

/** The same zone as a list of RRsets, searched from the start each time. */
class NaiveTree implements ZoneTree {
  readonly origin = ORIGIN;
  readonly apex = 1;
  readonly rrsets: readonly RRset[];
  readonly negativeSoa: RRset;
  /** Every name with its empty non-terminals; a name's number is its place from 1 on. */
  readonly #names: string[] = [];

  constructor(records: readonly ResourceRecord[]) {
    const soa = recordOf(ORIGIN, RRType.SOA, octetsOf(SOA));
    this.rrsets = groupRRsets([soa, ...records]);
    this.negativeSoa = { ...this.rrsets[0]!, ttl: 7 };
    for (const { name } of this.rrsets) {
      for (let labels = ORIGIN.labelCount; labels <= name.labelCount; labels++) {
        const { key } = name.ancestor(labels);
        if (!this.#names.includes(key)) this.#names.push(key);
      }
    }
  }

  child(parent: number, wire: Uint8Array, at: number): number {
    const label = wire.subarray(at + 1, at + 1 + wire[at]!);
    const above = DnsName.fromWire(octetsOf(this.#names[parent - 1]!));
    return this.#names.indexOf(above.child(label)!.key) + 1;
  }

  redirects(node: number): boolean {
    const types = this.rrsetsAt(node).map(({ type }) => type);
    return types.includes(RRType.DNAME) || (node !== this.apex && types.includes(RRType.NS));
  }

  nameOf(node: number): DnsName {
    return this.rrsetsAt(node)[0]?.name ?? DnsName.fromWire(octetsOf(this.#names[node - 1]!));
  }

  rrsetAt(node: number, type: number): RRset | undefined {
    return this.rrsetsAt(node).find((rrset) => rrset.type === type);
  }

  rrsetsAt(node: number): readonly RRset[] {
    const rrsets = this.rrsets.filter(({ name }) => name.key === this.#names[node - 1]);
    return rrsets.map((rrset) => ({ ...rrset, name: rrsets[0]!.name }));
  }
}

/** How an empty non-terminal is spelled is nobody's choice, and a wildcard may be one. */
function textOf(found: Found): string {
  return JSON.stringify(found, (key, value: unknown) =>
    key === 'wildcard' && typeof value === 'string' ? value.toLowerCase() : value,
  );
}

const label = fc.constantFrom('a', 'A', 'b', '*', 'ab', '\x00', '.');
const owner = fc.array(label, { maxLength: 4 }).map((labels) => {
  const below = labels.map((one) => octetsOf(one));
  return DnsName.fromLabels([...below, octetsOf('example')])!;
});
/** No two of them conflict. */
const types = fc.constantFrom(RRType.A, RRType.NS, RRType.TXT, RRType.DS, RRType.AAAA);
const rdatas = fc.constantFrom('\x01a\x07example\0', '\x02ab\x01b\x07EXAMPLE\0', '\x01b\0', '\0');
const record = fc
  .tuple(owner, types, rdatas)
  .map(([name, type, rdata]) => recordOf(name, type, octetsOf(rdata)));
const questions = fc.array(fc.tuple(owner, fc.oneof(types, fc.constant(RRType.ANY))), {
  minLength: 10,
  maxLength: 10,
});

test('an image says what a list of the records says', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 30 }), questions, (records, asked) => {
      const zone = imageOf(records);
      const naive = new NaiveTree(records);
      const count = naive.rrsets.reduce((sum, rrset) => sum + rrset.rdatas.length, 0);
      expect(zone.recordCount).toBe(count);
      const owners = new Map<string, DnsName>();
      for (const { name } of naive.rrsets) owners.set(name.key, owners.get(name.key) ?? name);
      expect([...zone.names()].map(String).toSorted()).toEqual(
        [...owners.values()].map(String).toSorted(),
      );
      const spelled = naive.rrsets.map((one) => ({ ...one, name: owners.get(one.name.key)! }));
      expect(linesOf(zone.rrsets()).toSorted()).toEqual(linesOf(spelled).toSorted());
      for (const [name, type] of asked) {
        const found = zone.find(name, type);
        expect(textOf(found)).toBe(textOf(findInZone(naive, name, type)));
      }
    }),
    { numRuns: 1000 },
  );
});

const ZONE_TEXT = `$TTL 300
@ SOA ns h 7 2 3 4 60
@ NS ns
ns A 192.0.2.53
a.B.c MX 5 ns
*.w TXT "text of \\255 octets"
cut NS ns.cut
ns.cut A 192.0.2.54
`;

describe('opened again from its buffer', () => {
  const zone = zoneOf(ZONE_TEXT, 'example.');

  test('an image is the same zone', () => {
    const again = openImage(zone.image);
    expect(again.origin.toString()).toBe('example.');
    expect(again.serial).toBe(7);
    expect(again.recordCount).toBe(zone.recordCount);
    expect(linesOf(again.rrsets())).toEqual(linesOf(zone.rrsets()));
    for (const text of ['a.b.c', 'b.c', 'x.w', 'x.cut', 'nothing']) {
      const name = nameOf(text, ORIGIN);
      expect(again.find(name, RRType.TXT)).toEqual(zone.find(name, RRType.TXT));
    }
  });

  test('nothing that a reader gets can be written into it', () => {
    const [rdata] = zone.rrset(nameOf('ns.example.'), RRType.A)!.rdatas;
    rdata!.fill(0);
    const [again] = zone.rrset(nameOf('ns.example.'), RRType.A)!.rdatas;
    expect(again?.join('.')).toBe('192.0.2.53');
  });

  test('in another thread as well', async () => {
    const program = fileURLToPath(new URL('../../dist/zone/image.js', import.meta.url));
    const code = `
      const { parentPort, workerData } = require('node:worker_threads');
      import(workerData.program).then(({ openImage }) => {
        const rrsets = [...openImage(workerData.image).rrsets()];
        parentPort.postMessage(rrsets.map(({ type, rdatas }) => [type, rdatas.map(String)]));
      });`;
    const { image } = zone;
    const worker = new Worker(code, { eval: true, workerData: { program, image } });
    const there = await new Promise((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    await worker.terminate();
    const here = [...zone.rrsets()].map(({ type, rdatas: all }) => [type, all.map(String)]);
    expect(there).toEqual(here);
  });

  test('what is no image is refused', () => {
    expect(() => openImage(new Int32Array(new SharedArrayBuffer(4096)))).toThrow(
      'an image of this version',
    );
  });
});

describe('in a slab', () => {
  const slab = new ImageSlab();
  const masterFile = (i: number): string => `${ZONE_TEXT}w${i} A 10.0.0.${i & 255}\n`;
  const zones = Array.from({ length: 6000 }, (_, i) =>
    zoneOf(masterFile(i), `z${i % 100}.example.`, slab),
  );

  test('small images lie beside each other, and none reaches into another', () => {
    const buffers = new Set(zones.map(({ image }) => image.buffer));
    expect(buffers.size).toBeGreaterThan(1);
    expect(buffers.size).toBeLessThan(10);
    for (const i of [0, 1, 2999, 5999]) {
      const alone = zoneOf(masterFile(i), `z${i % 100}.example.`);
      expect(zones[i]!.image).toEqual(alone.image);
      expect(linesOf(openImage(zones[i]!.image).rrsets())).toEqual(linesOf(alone.rrsets()));
    }
  });

  test('a large one has a buffer of its own', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `h${i} A 10.0.${i >> 8}.${i & 255}\n`);
    const { image } = zoneOf(`${ZONE_TEXT}${lines.join('')}`, 'example.', slab);
    expect(image.byteOffset).toBe(0);
    expect(image.byteLength).toBe(image.buffer.byteLength);
  });
});

describe('what is large', () => {
  function numbered(i: number): Uint8Array {
    return Uint8Array.of(i >> 24, i >> 16, i >> 8, i);
  }

  test.each([
    ['one after the other', (i: number): number => (i < 40_000 ? RRType.A : RRType.TXT)],
    ['in turns', (i: number): number => (i % 2 === 0 ? RRType.A : RRType.TXT)],
  ])('RRsets of 40000 records, %s', (_order, typeOf) => {
    const name = nameOf('a.example.');
    const records = Array.from({ length: 80_000 }, (_, i) =>
      recordOf(name, typeOf(i), numbered(i)),
    );
    const twice = [...records, ...records];
    const zone = imageOf(twice);
    expect(zone.recordCount).toBe(80_001);
    for (const type of [RRType.A, RRType.TXT]) {
      const expected = records.filter((one) => one.type === type).map(({ rdata }) => rdata);
      const got = zone.rrset(name, type)!.rdatas;
      expect(got.length).toBe(expected.length);
      expect(Buffer.concat(got).equals(Buffer.concat(expected))).toBe(true);
    }
    expect([...zone.names()].map(String)).toEqual(['example.', 'a.example.']);
  });

  test('names of 127 labels, and rdata of 65535 octets', () => {
    const deepest = DnsName.fromLabels(Array.from({ length: 127 }, () => octetsOf('a')))!;
    const rdata = Uint8Array.from({ length: 0xffff }, (_, i) => i);
    const zone = imageOf(
      [
        recordOf(deepest, RRType.A, octetsOf('abcd')),
        recordOf(deepest, 65400, rdata),
        recordOf(deepest, 65401, new Uint8Array(0)),
      ],
      DnsName.root,
    );
    const [got] = zone.rrset(deepest, 65400)!.rdatas;
    expect(Buffer.from(rdata).equals(got!)).toBe(true);
    expect(zone.rrset(deepest, 65401)?.rdatas).toEqual([new Uint8Array(0)]);
    expect(zone.find(deepest.parent, RRType.A).kind).toBe('nodata');
    expect([...zone.names()].map(({ labelCount }) => labelCount)).toEqual([0, 127]);
  });

  test('a zone that grows out of the memory reserved for it', () => {
    const name = (i: number): DnsName => nameOf(`h${i}.x${i % 7}.example.`);
    const records = Array.from({ length: 30_000 }, (_, i) =>
      recordOf(name(i), RRType.A, numbered(i)),
    );
    const zone = imageOf(records);
    for (const i of [0, 1, 9999, 29_999]) {
      expect(zone.rrset(name(i), RRType.A)?.rdatas).toEqual([numbered(i)]);
    }
    // The memory that small zones share is clean for the next one.
    expect([...imageOf([]).names()].map(String)).toEqual(['example.']);
  });

  test('a zone over the limit is a typed error, and the next one is not harmed', () => {
    const builder = new ImageBuilder(ORIGIN, { mostWords: 1000 });
    const insertAll = (): void => {
      for (let i = 0; i < 1000; i++) {
        builder.insert(recordOf(nameOf(`h${i}.example.`), RRType.A, numbered(i)));
      }
    };
    expect(insertAll).toThrow(ImageLimitError);
    builder.discard();
    expect(linesOf(imageOf([]).rrsets())).toHaveLength(1);
  });
});
