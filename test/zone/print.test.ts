import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { DnsName } from '../../src/wire/name.ts';
import type { ResourceRecord } from '../../src/wire/record.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { printRecords, printZone } from '../../src/zone/print.ts';
import { zoneOf } from './answer.ts';

test('columns are aligned, owners written once and relative', () => {
  const text = [
    '$ORIGIN example.',
    '@       300   IN SOA   ns.example. h.example. 1 2 3 4 60',
    '        300   IN NS    ns.example.',
    'ns      300   IN A     192.0.2.53',
    'a\\.b\\@c 86400 IN HTTPS 1 . alpn="h2,h3"',
    '',
  ].join('\n');
  expect(printZone(zoneOf(text))).toBe(text);
});

const octets = fc.uint8Array({ minLength: 1, maxLength: 20 });
const names = fc
  .array(octets, { maxLength: 4 })
  .map((labels) => DnsName.fromLabels([...labels, Uint8Array.of(0x65, 0x58)])!);
const strings = fc.array(fc.uint8Array({ maxLength: 30 }), { minLength: 1, maxLength: 3 });
const records: fc.Arbitrary<ResourceRecord> = fc.oneof(
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
  test.each([undefined, nameOf('eX.'), nameOf('ex.')])(
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
        { numRuns: 500 },
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
