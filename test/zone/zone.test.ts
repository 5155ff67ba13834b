import { describe, expect, test } from 'vitest';
import { RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ZoneProblem } from '../../src/zone/problem.ts';
import { loadZone } from '../../src/zone/zone.ts';
import { linesOf, zoneOf } from './answer.ts';

const APEX = '$TTL 300\n@ SOA ns h 7 2 3 4 60\n NS ns\nns A 192.0.2.53\n';

function errorsOf(text: string, origin?: string): readonly string[] {
  const options = origin === undefined ? {} : { origin: nameOf(origin) };
  const result = loadZone(new TextEncoder().encode(text), { file: 'a.zone', ...options });
  return result.ok ? [] : result.error.map(lineOf);
}

function lineOf({ severity, line, column, message }: ZoneProblem): string {
  return `${severity} ${line}:${column} ${message}`;
}

describe('what is no zone', () => {
  test.each<readonly [phenomenon: string, text: string, errors: readonly string[]]>([
    ['no SOA', '$TTL 5\n@ NS ns', ['error 1:1 expected a SOA record at example., found none']],
    [
      'two SOA',
      `${APEX}@ SOA ns h 8 2 3 4 60`,
      ['error 5:3 expected one SOA record at example., found a second'],
    ],
    [
      'a SOA below the origin',
      `${APEX}a SOA ns h 8 2 3 4 60`,
      ["error 5:1 expected the SOA record at the zone's origin example., found it at a.example."],
    ],
    [
      'no NS at the apex',
      '@ 5 SOA ns h 1 2 3 4 60\n',
      ['error 1:1 expected NS records at the apex example., found none'],
    ],
    [
      'a record outside',
      `${APEX}a.example.org. A 192.0.2.1`,
      ["error 5:1 expected a name at or below the zone's origin example., found a.example.org."],
    ],
    [
      'a whole zone of another name: one mistake, one error, at its SOA',
      `$ORIGIN example.org.\n$TTL 5\na A 192.0.2.1\n@ SOA ns h 1 2 3 4 60\n@ NS ns\nns A 192.0.2.2`,
      [
        'error 4:1 no record of this file is at or below example.: did you mean example.org., where its SOA record is?',
      ],
    ],
    [
      'records of another name, and no SOA to say of which',
      '$TTL 5\na.test. A 192.0.2.1\nb.test. A 192.0.2.2',
      ['error 2:1 no record of this file is at or below example.'],
    ],
    [
      'CNAME after other data (RFC 1034 §3.6.2)',
      `${APEX}ns CNAME a`,
      ['error 5:4 expected a CNAME record alone at its name, found CNAME beside A at ns.example.'],
    ],
    [
      'other data after CNAME',
      `${APEX}a CNAME b\n  A 192.0.2.1`,
      ['error 6:3 expected a CNAME record alone at its name, found A beside CNAME at a.example.'],
    ],
    [
      'two CNAME (RFC 2181 §10.1)',
      `${APEX}a CNAME b\na CNAME c`,
      ['error 6:3 expected one CNAME record at a.example., found a second'],
    ],
    [
      'two DNAME (RFC 6672 §2.4)',
      `${APEX}a DNAME b\na DNAME c`,
      ['error 6:3 expected one DNAME record at a.example., found a second'],
    ],
    [
      'a type that is a question only (RFC 6895 §3.1)',
      `${APEX}a TYPE255 \\# 0`,
      ['error 5:3 expected a type that holds data, found ANY'],
    ],
    [
      'all of it at once',
      `${APEX}ns CNAME a\na A x\norg. A 192.0.2.1`,
      [
        'error 5:4 expected a CNAME record alone at its name, found CNAME beside A at ns.example.',
        "error 6:5 expected an IPv4 address such as '192.0.2.1', found 'x'",
        "error 7:1 expected a name at or below the zone's origin example., found org.",
      ],
    ],
    [
      'a SOA that does not parse is not also said to be missing',
      '$TTL 5\n@ SOA ns h 1 2 3 4 x\n NS ns',
      ["error 2:20 expected the minimum TTL in seconds (0 to 4294967295), found 'x'"],
    ],
  ])('%s', (_phenomenon, text, errors) => {
    expect(errorsOf(text, 'example.')).toEqual(errors);
  });

  test('no SOA and no origin', () => {
    expect(errorsOf('a. 5 A 192.0.2.1')).toEqual([
      'error 1:1 expected a SOA record, found none in the file',
    ]);
    expect(errorsOf('')).toEqual(['error 1:1 expected a SOA record, found none in the file']);
  });
});

describe('what is odd but serves', () => {
  test.each<readonly [phenomenon: string, text: string, warnings: readonly string[]]>([
    [
      'nothing',
      `${APEX}a NS ns.org.\nb NS ns.c\nx 5 A 192.0.2.1\nx 5 RRSIG A 13 2 9 20300101000000 20200101000000 1 . AAAA\nx 6 RRSIG MX 13 2 9 20300101000000 20200101000000 1 . AAAA`,
      [],
    ],
    [
      'TTLs that differ (RFC 2181 §5.2)',
      `${APEX}a 9 A 192.0.2.1\na 5 A 192.0.2.2`,
      [
        'warning 6:3 TTL 5 differs from TTL 9 of the other A records of a.example.; 5 counts for all',
      ],
    ],
    [
      'a record twice (RFC 2181 §5)',
      `${APEX}ns A 192.0.2.53`,
      ['warning 5:1 the same A record of ns.example. stands in the file before'],
    ],
    [
      'the SOA once more at the end, as in a transfer (RFC 5936 §2.2)',
      `${APEX}@ SOA ns h 7 2 3 4 60`,
      ['warning 5:1 the same SOA record of example. stands in the file before'],
    ],
    [
      'a delegation without glue (RFC 1034 §4.2.1)',
      `${APEX}a NS ns.a`,
      ['warning 5:6 no address records for glue: the delegation of a.example. to ns.a.example.'],
    ],
    [
      'a name server without address',
      `${APEX}@ NS no`,
      ['warning 5:6 no address records for name server no.example.'],
    ],
    ['a name server below a delegation', `${APEX}@ NS x.a\na NS ns.org.`, []],
    [
      'data below a DNAME (RFC 6672 §2.4)',
      `${APEX}a DNAME org.\nx.a A 192.0.2.1`,
      ['warning 6:1 x.a.example. is below the DNAME at a.example. and is never found'],
    ],
  ])('%s', (_phenomenon, text, warnings) => {
    expect(zoneOf(text, 'example.').warnings.map(lineOf)).toEqual(warnings);
  });
});

describe('a zone', () => {
  const zone = zoneOf(`${APEX}b.c 9 A 192.0.2.1\nB.c 5 A 192.0.2.2\nb.c A 192.0.2.1\n`, 'example.');

  test('without a given origin takes the owner of the SOA', () => {
    expect(zoneOf(`$ORIGIN example.org.\n${APEX}`).origin.toString()).toBe('example.org.');
  });

  test('knows its serial and counts records once', () => {
    expect(zone).toMatchObject({ serial: 7, recordCount: 5 });
    expect(zone.soa.name.toString()).toBe('example.');
  });

  test('an RRset has the smallest TTL (RFC 2181 §5.2) and the first spelling', () => {
    const rrset = zone.rrset(nameOf('b.C.example.'), RRType.A)!;
    expect(linesOf([rrset])).toEqual(['b.c.example. 5 A 192.0.2.1', 'b.c.example. 5 A 192.0.2.2']);
    expect(zone.rrset(nameOf('c.example.'), RRType.A)).toBeUndefined();
  });

  test('lists owners and RRsets from the apex, without empty non-terminals', () => {
    expect([...zone.names()].map(String)).toEqual(['example.', 'ns.example.', 'b.c.example.']);
    expect([...zone.rrsets()].map(({ type }) => type)).toEqual([6, 2, 1, 1]);
  });

  test('names in rdata that differ in letter case only are one record (RFC 4034 §6.3)', () => {
    const lines = [
      ...['x NS a.b.', 'x NS A.b.', 'm MX 97 a.', 'm MX 97 A.', 'm MX 65 a.', 'c CNAME d.'],
      ...['c CNAME D.', 'n NAPTR 1 1 "u" "e" "" a.', 'n NAPTR 1 1 "U" "e" "" A.'],
      ...['n NAPTR 1 1 "u" "e" "" A.', 's SRV 1 1 65 a.', 's SRV 1 1 97 a.', 's SRV 1 1 65 A.'],
    ];
    const read = zoneOf(`${APEX}${lines.join('\n')}\n`, 'example.');
    const own = linesOf([...read.rrsets()]).filter((line) => /^[cmnsx]\./.test(line));
    expect(own).toEqual([
      'c.example. 300 CNAME d.',
      'm.example. 300 MX 65 a.',
      'm.example. 300 MX 97 a.',
      'n.example. 300 NAPTR 1 1 "U" "e" "" A.',
      'n.example. 300 NAPTR 1 1 "u" "e" "" a.',
      's.example. 300 SRV 1 1 65 a.',
      's.example. 300 SRV 1 1 97 a.',
      'x.example. 300 NS a.b.',
    ]);
  });

  test('texts, and names in newer types, differ in letter case (RFC 3597 §7)', () => {
    const lines = 't TXT a\nt TXT A\nh HTTPS 1 a.\nh HTTPS 1 A.\n';
    expect(zoneOf(`${APEX}${lines}`, 'example.').recordCount).toBe(7);
  });

  test('so it is in an RRset of many records', () => {
    const line = (i: number): string => `p PTR ${i % 2 ? 'Host' : 'hOST'}${i >> 1}.\n`;
    const lines = Array.from({ length: 200 }, (_, i) => line(i)).join('');
    expect(zoneOf(`${APEX}${lines}`, 'example.').recordCount).toBe(103);
  });

  test('an RRset of many records is not quadratic, and still has no duplicates', () => {
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `a TYPE65400 \\# 2 ${(i % 10_000).toString(16).padStart(4, '0')}\n`,
    );
    expect(zoneOf(APEX + lines.join(''), 'example.').recordCount).toBe(10_003);
  });

  test('a child that comes first does not fix the spelling of its parents', () => {
    const spelled = zoneOf(`${APEX}x.y A 192.0.2.1\nY A 192.0.2.1\n`, 'example.');
    expect([...spelled.names()].map(String)).toContain('Y.example.');
  });
});
