import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameOf } from '../../src/wire/name-text.ts';
import { printRdata } from '../../src/wire/rdata/rdata.ts';
import { groupRRsets, type ResourceRecord, type RRset } from '../../src/wire/record.ts';
import { parseMasterFile } from '../../src/zone/master-file.ts';
import { loadZone } from '../../src/zone/zone.ts';

const OPTIONS = { file: 'a.zone', origin: nameOf('example.') };
const APEX = '$TTL 300\n@ SOA ns h 7 2 3 4 60\n NS ns\nns A 192.0.2.53\n';

function linesOf(rrsets: Iterable<RRset>): readonly string[] {
  const lines = [...rrsets].map(({ name, ttl, type, rdatas }) => {
    const texts = rdatas.map((rdata) => printRdata(type, rdata));
    return `${name.toString()} ${ttl} ${type} ${texts.join(' | ')}`;
  });
  return lines.toSorted();
}

/** Both ways through one file: `parseMasterFile` has no image to put plain lines into. */
function bothWays(text: string): { readonly short: unknown; readonly long: unknown } {
  const octets = Buffer.from(text, 'latin1');
  const loaded = loadZone(octets, OPTIONS);
  const parsed = parseMasterFile(octets, OPTIONS);
  if (!loaded.ok) {
    const syntax = loaded.error.filter(({ code }) => !NOT_SYNTAX.has(code));
    return { short: syntax, long: parsed.problems };
  }
  const owners = new Map<string, RRset['name']>();
  const long = groupRRsets(withoutDuplicates(parsed.records)).map((rrset) => {
    owners.set(rrset.name.key, owners.get(rrset.name.key) ?? rrset.name);
    return { ...rrset, name: owners.get(rrset.name.key)! };
  });
  return { short: linesOf(loaded.value.rrsets()), long: linesOf(long) };
}

/** A record that repeats another does not count, nor does its TTL. */
function withoutDuplicates(records: readonly ResourceRecord[]): readonly ResourceRecord[] {
  const first = new Map<string, ResourceRecord>();
  for (const record of records) {
    const key = `${record.name.key}/${record.type}/${record.rdata.join('.')}`;
    if (!first.has(key)) first.set(key, record);
  }
  return [...first.values()];
}

/** Codes of what is found when records are put into the zone. */
const NOT_SYNTAX = new Set([
  ...['cname-and-other-data', 'not-single', 'out-of-zone', 'soa-below-apex'],
  ...['soa-missing', 'apex-ns-missing', 'wrong-origin'],
]);

/** A second one in the file is one too many, or below the apex. */
const soaRecord = fc.constantFrom(
  'SOA ns h 7 2 3 4 60',
  'SOA ns h 4294967295 2 3 4 2147483648',
  'SOA ns h 4294967296 2 3 4 60',
  'soa . h.a. 0007 2 3 4 60 ; end',
  'SOA ns h (7 2 3 4 60)',
  'SOA ns h ( ; start\n 7 ; serial\r\n\t2\n\n3 4\n60 )',
  'SOA ns h ( 7 2 3 4 60\n)x',
  'SOA ns h ( 7 2 3 4 60\n) x',
  'SOA ns h ( 7 2 3 4\n) 60',
  'SOA ns h ( 7 2 ( 3 4 60 )',
  'SOA ns h ( 7 2 3 4 60',
  'SOA ns h 7 2 3 4 60 )',
  'SOA ( ns h 7 2 3 4 60 )',
  'SOA ns h 7 2h 3 4 1d',
  'SOA ns h 7 2 3 4',
  'SOA ns h 7 2 3 4 60 5',
  'SOA ns h 7"2" 3 4 60',
  'SOA @ h\\.i 7 2 3 4 60',
  'SOA ns h -7 2 3 4 60',
);
const ttlLine = fc.constantFrom(
  ...['$TTL 300', '$ttl 300;c', '$Ttl\t7 ', '$TTL 1h', '$TTL', '$TTL 5 6', '$TTLS 5', '$TTL x'],
  ...['$TTL 2147483648', '$TTL 1234567890', '', '$TTL "5"', ' $TTL 5', '$TTL (5)', '$TTL 5\r'],
);

const blank = fc.constantFrom(' ', ' ', '\t', '  ');
const owner = fc.constantFrom(
  '',
  'a',
  'A',
  'b.a',
  '@',
  'c.example.',
  'C.EXAMPLE.',
  '\\097',
  'x..y',
  '.',
  'example.',
  '*',
  '1',
  'in',
  'ä',
  'a'.repeat(63),
  'a'.repeat(64),
  `${'a.'.repeat(123)}a`,
  `${'a.'.repeat(124)}a`,
  'd.example.org.',
  '"q"',
  '$',
);
const ttlAndClass = fc.constantFrom(
  '',
  '5',
  '0',
  '1h',
  '5 IN',
  'IN 5',
  'in',
  '5 5',
  'IN IN',
  'CH',
  '999999999',
  '2147483647',
  '9999999999',
);
const address = fc.constantFrom(
  'A 192.0.2.1',
  'a 255.255.255.255',
  'A 0.0.0.0',
  'A 256.0.0.1',
  'A 1.2.3',
  'A 01.2.3.4',
  'A 1.2.3.4.5',
  'A 1.2.3.4 5',
  'A',
  'A 1..2.3',
  'TYPE1 \\# 4 01020304',
  'A \\# 4 01020304',
  'AAAA ::',
  'AAAA ::1',
  'AAAA 1::',
  'AAAA 2001:DB8::a:1',
  'AAAA 1:2:3:4:5:6:7:8',
  'AAAA 1::2::3',
  'AAAA 1:2:3:4:5:6:7::',
  'AAAA ::2:3:4:5:6:7:8',
  'AAAA 1:2:3:4::5:6:7:8',
  'AAAA :::',
  'AAAA 1:',
  'AAAA :1',
  'AAAA ::ffff:192.0.2.1',
  'AAAA 12345::',
  'AAAA 1:2:3:4:5:6:7',
  'AAAA 1:2:3:4:5:6:7:8:',
);
const other = fc.constantFrom(
  'NS ns',
  'NS ns.a.',
  'ns .',
  'NS @',
  'NS a b',
  'NS',
  'CNAME b',
  'PTR x.y.z',
  'PTR a\\.b',
  'PTR x..y',
  'MX 10 m',
  'MX 65535 m.',
  'MX 65536 m',
  'MX m',
  'MX 10',
  'MX 010 m',
  'SRV 1 2 3 s',
  'SRV 1 2 s',
  'TXT a',
  'TXT "a b" c',
  'TXT ""',
  'TXT',
  'TXT "a',
  'TXT a"b"',
  'TXT "a""b"',
  'TXT a\\"b',
  'TXT "\\097"',
  'TXT @ $x',
  `TXT ${'x'.repeat(255)}`,
  `TXT ${'x'.repeat(256)}`,
  `TXT "${'x '.repeat(127)}y"`,
  'TXT ( a\n b )',
  'TXT "a;b" ;c',
  'TXT a;b',
  'HINFO a b',
  'DS 1 8 99 AA',
  'SOA ns h (7 2\n 3 4 60)',
  'BOGUS x',
  'AB A 1.2.3.4',
);
const tail = fc.constantFrom('', '', ' ', '\t;c', ';c', ' ; "(', '\r', ' x');
const line = fc.oneof(
  fc
    .tuple(owner, blank, ttlAndClass, blank, fc.oneof(address, other), tail)
    .map(([name, one, fields, two, rest, end]) => `${name}${one}${fields}${two}${rest}${end}`),
  fc.constantFrom(
    '',
    ' ',
    '; comment',
    ' ; comment',
    '$ORIGIN sub',
    '$ORIGIN example.',
    '$TTL 7',
    '\r',
  ),
);

describe('the short way through a master file', () => {
  test('leads to the same records and the same errors as the long one', { timeout: 60_000 }, () => {
    const runs = Number(process.env['FUZZ_RUNS'] ?? 20_000) / 4;
    const start = fc.tuple(ttlLine, soaRecord).map(([one, two]) => `${one}\n@ 9 ${two}\n NS ns\n`);
    const head = fc.oneof(fc.constant(APEX), start);
    const lines = fc.array(line, { maxLength: 6 });
    const file = fc.tuple(head, lines).map(([first, rest]) => first + rest.join('\n'));
    fc.assert(
      fc.property(file, (text) => {
        const { short, long } = bothWays(text);
        expect(short).toEqual(long);
      }),
      { numRuns: runs },
    );
  });

  test('goes on behind a line that takes the long one, with its owner and its TTL', () => {
    const { short, long } = bothWays(
      `${APEX}a 5 A 192.0.2.1\n HINFO x y\n A 192.0.2.2\n\\098 9 A 192.0.2.3\n A 192.0.2.4\n`,
    );
    expect(short).toEqual(long);
    expect(short).toContain('b.example. 300 1 192.0.2.3 | 192.0.2.4'.replace('300', '9'));
  });

  test('knows where records stand', () => {
    const soa = '@ SOA ns h ( ; several lines\n\n7 2 3\r\n4 60 )\n';
    const apex = `$TTL 300\n${soa} NS ns\nns A 192.0.2.53\n`;
    const text = `${apex}\n; comment\r\na A 192.0.2.1\n\nA A 192.0.2.1 ; again\n`;
    const loaded = loadZone(Buffer.from(text), OPTIONS);
    expect(loaded.ok && loaded.value.warnings).toMatchObject([
      { line: 12, column: 1, lineText: 'A A 192.0.2.1 ; again' },
    ]);
  });
});
