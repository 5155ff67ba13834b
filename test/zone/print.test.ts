import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { DnsName } from '../../src/wire/name.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { isWellFormed } from '../../src/wire/rdata/rdata.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { printRecords, printZone } from '../../src/zone/print.ts';
import { EXAMPLES } from '../wire/rdata/examples.ts';
import { FUZZ_RUNS, recordOf } from '../wire/support.ts';
import { zoneOf } from './answer.ts';

test('columns are aligned, owners written once and relative', () => {
  const text = [
    '$ORIGIN example.',
    '@       300   IN SOA   ns h 1 2 3 4 60',
    '        300   IN NS    ns',
    'ns      300   IN A     192.0.2.53',
    'a\\.b\\@c 86400 IN HTTPS 1 . alpn="h2,h3"',
    '',
  ].join('\n');
  expect(printZone(zoneOf(text))).toBe(text);
});

test('canonical: lower case, sorted by name, type and octets, every field in every line', () => {
  const text = `$ORIGIN Example.
@ 60 SOA NS h 1 2 3 4 60
Z 60 MX 10 M.Z
@ NS NS
a.z 60 TXT "B"
    60 TXT "a"
*.z 60 A 192.0.2.2
\\200.z 60 A 192.0.2.9
z 60 A 192.0.2.1
yljkjljk.A 60 A 192.0.2.1
`;
  const sorted = [
    'example. 60 IN NS ns.example.',
    'example. 60 IN SOA ns.example. h.example. 1 2 3 4 60',
    'yljkjljk.a.example. 60 IN A 192.0.2.1',
    'z.example. 60 IN A 192.0.2.1',
    'z.example. 60 IN MX 10 m.z.example.',
    '*.z.example. 60 IN A 192.0.2.2',
    'a.z.example. 60 IN TXT "B"',
    'a.z.example. 60 IN TXT "a"',
    '\\200.z.example. 60 IN A 192.0.2.9',
    '',
  ];
  const canonical = printZone(zoneOf(text), 'canonical');
  expect(canonical).toBe(sorted.join('\n'));
  expect(printZone(zoneOf(canonical), 'canonical')).toBe(canonical);
  expect(printZone(zoneOf(text.toLowerCase()), 'canonical')).not.toBe(canonical);
});

test('the canonical text does not depend on the order and the letter case of names', () => {
  const lines = ['b 60 A 192.0.2.2', 'a 60 A 192.0.2.1', 'a 60 NS X.A', 'x.A 60 A 192.0.2.9'];
  const zone = (list: readonly string[]): string =>
    printZone(
      zoneOf(`@ 60 SOA ns h 1 2 3 4 5\n@ 60 NS b\n${list.join('\n')}\n`, 'e.'),
      'canonical',
    );
  const other = lines.toReversed().map((line) => line.replace('x.A', 'X.a').replace('a ', 'A '));
  expect(zone(other)).toBe(zone(lines));
});

const octets = fc.uint8Array({ minLength: 1, maxLength: 20 });
const names = fc
  .array(octets, { maxLength: 4 })
  .map((labels) => DnsName.fromLabels([...labels, Uint8Array.of(0x65, 0x58)])!);
const strings = fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 3 });
/** Rdata of every described type, with octets changed as far as they keep their form. */
const described: fc.Arbitrary<ResourceRecord> = fc
  .tuple(
    names,
    fc.constantFrom(...EXAMPLES),
    fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 4 }),
  )
  .map(([name, [type, text], changes]) => {
    const sound = recordOf('eX.', type, text);
    const rdata = [...sound.rdata];
    for (const [at, octet] of changes) if (rdata.length > 0) rdata[at % rdata.length] = octet;
    const isSound = isWellFormed(sound.type, Uint8Array.from(rdata));
    return record(name, sound.type, isSound ? rdata : [...sound.rdata]);
  });
const records: fc.Arbitrary<ResourceRecord> = fc.oneof(
  described,
  fc.tuple(names, strings).map(([name, texts]) =>
    record(
      name,
      RRType.TXT,
      texts.flatMap((text) => [text.length, ...text]),
    ),
  ),
  fc.tuple(names, names).map(([name, target]) => record(name, RRType.NS, [...target.wire])),
  fc.tuple(names, names).map(([name, target]) => record(name, RRType.MX, [0, 10, ...target.wire])),
  fc
    .tuple(names, fc.uint8Array({ maxLength: 20 }))
    .map(([name, rdata]) => record(name, 65400, [...rdata])),
);

function record(name: DnsName, type: number, rdata: readonly number[]): ResourceRecord {
  return { name, type, class: 1, ttl: 300, rdata: Uint8Array.from(rdata) };
}

describe('text → records → text → records', () => {
  test.each([undefined, nameOf('eX.'), nameOf('ex.'), nameOf('example.')])(
    'any octets in names and strings survive, with origin %s',
    (origin) => {
      fc.assert(
        fc.property(fc.array(records, { maxLength: 10 }), (list) => {
          const text = printRecords(list, origin);
          const options = origin === undefined ? {} : { origin };
          const read = parseMasterFile(new TextEncoder().encode(text), {
            file: 'a.zone',
            ...options,
          });
          expect(read.problems).toEqual([]);
          expect(read.records.map(plain)).toEqual(list.map(plain));
          expect(printRecords(read.records, origin)).toBe(text);
        }),
        { numRuns: FUZZ_RUNS / 20 },
      );
    },
  );
});

test('any octets make records or problems, never an exception', () => {
  const pieces = fc.oneof(
    fc.constantFrom(
      '"',
      '(',
      ')',
      ';',
      '\\',
      '\n',
      '\r\n',
      ' ',
      '$TTL',
      '$ORIGIN',
      'A',
      '@',
      '5',
      '\\#',
      'SOA',
      '1.2.3.4',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      const text = new TextEncoder().encode(parts.join(''));
      const { problems } = parseMasterFile(text, { file: 'a.zone' });
      for (const { line, column, caret, lineText } of problems) {
        expect(line).toBeGreaterThan(0);
        expect(column).toBeGreaterThan(0);
        expect(caret.at).toBeLessThanOrEqual(lineText.length);
      }
    }),
    { numRuns: 3000 },
  );
});

function plain({ name, type, ttl, rdata }: ResourceRecord): readonly unknown[] {
  return [Buffer.from(name.wire).toString('hex'), type, ttl, Buffer.from(rdata).toString('hex')];
}
