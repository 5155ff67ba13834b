import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { nameOf } from '../../src/wire/name-text.ts';
import { checkZone } from '../../src/zone/check/check-zone.ts';
import type { MasterFileOptions } from '../../src/zone/master-file.ts';
import { APEX, CHECKED_ZONES } from './checked-zones.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function report(text: string, origin = 'example.'): readonly string[] {
  return reportOn(text, { origin: nameOf(origin) });
}

function reportOn(text: string, options: Pick<MasterFileOptions, 'origin'>): readonly string[] {
  const octets = new TextEncoder().encode(text);
  const { errors, warnings } = checkZone(octets, { file: 'a.zone', ...options });
  return [...errors, ...warnings].map(
    ({ severity, line, column, code }) => `${severity} ${line}:${column} ${code}`,
  );
}

describe('each check finds what it is for, at its line, and nothing else', () => {
  test.each(CHECKED_ZONES.map(({ what, zone, found }) => [what, zone, found] as const))(
    '%s',
    (_what, zone, found) => {
      expect(report(zone)).toEqual(found);
    },
  );
});

describe('what is right is not reported', () => {
  test.each<readonly [phenomenon: string, records: string]>([
    ['glue, in-domain and sibling', 'a NS ns.a\nns.a A 192.0.2.1\nb NS ns.a\nc NS c\nc AAAA ::1'],
    ['a server elsewhere, and one below another cut', 'a NS ns.org.\nb NS x.a\n@ NS y.a'],
    ['a secure delegation', `a NS ns\na DS 1 8 2 ${'00'.repeat(32)}`],
    ['what signing adds at a cut', 'a NS ns\na NSEC b.example. NS'],
    ['no service', '@ MX 0 .\n_x._tcp SRV 0 0 0 .'],
    ['mail through a wildcard and to elsewhere', '*.w A 192.0.2.1\n@ MX 1 a.w\n@ MX 2 mx.org.'],
    ['an alias to an empty non-terminal', 'a CNAME c\nb.c A 192.0.2.1'],
    ['a wildcard that owns hosts', '*.b A 192.0.2.1\n*.b MX 1 ns'],
    ['underscores where they belong', '_dmarc TXT x\n_443._tcp TLSA 3 1 1 00\n_a CNAME ns'],
    ['signatures with other TTLs', ['A', 'MX'].map(rrsig).join('\n')],
    ['a DNAME to elsewhere', 'a DNAME b.org.'],
    [
      'digests of the right or of an unknown length, and none',
      ['CDS 1 8 2', 'SSHFP 1 2', 'CDS 1 8 77', 'SSHFP 1 77', 'ZONEMD 1 1 240']
        .map((record) => `@ ${record} ${'00'.repeat(32)}`)
        .join('\n') + '\nb CDS 0 0 0 0\nb CDS 0 0 0 00',
    ],
  ])('%s', (_phenomenon, records) => {
    expect(report(`${APEX}${records}\n`)).toEqual([]);
  });

  function rrsig(type: string, ttl: number): string {
    return `x ${ttl} RRSIG ${type} 13 2 9 20300101000000 20200101000000 1 . AAAA`;
  }
});

test('where records cannot be read, nothing is said to be missing', () => {
  const zone = `${APEX}@ MX 1 mail\na NS ns.a\nb CNAME c\nmail A 192.0.2\nx CNAME ns\n@ MX 1 x\n`;
  expect(report(zone)).toEqual(['error 8:8 bad-rdata', 'warning 10:8 mx-is-alias']);
});

test('a broken SOA still says the origin, when nobody else does', () => {
  const zone =
    '$TTL 5\n$ORIGIN example.\n@ SOA ns h 1 2 3 4\n@ NS ns\nx CNAME ns\n@ MX 1 x\no. A 192.0.2.1\n';
  expect(reportOn(zone, {})).toEqual([
    'error 3:19 bad-rdata',
    'error 7:1 out-of-zone',
    'warning 6:8 mx-is-alias',
  ]);
});

test('errors and warnings of one file come together', () => {
  const zone = `${APEX}a CNAME b\na A 192.0.2.1\na_b A 192.0.2.1\n`;
  expect(report(zone)).toEqual([
    'error 6:3 cname-and-other-data',
    'warning 5:9 dangling-alias',
    'warning 7:1 bad-host-name',
  ]);
});

test('the place is the field that is wrong, on whatever line it stands', () => {
  const soa = '@ SOA ns h (\n  1 ; serial\n  0 ; refresh\n  600 864000 60 )';
  const data = ['@ 60 IN MX 10 gone', 'a IN 30 A 192.0.2.1', '  70 IN A 192.0.2.2'];
  const made = [
    '$GENERATE 1-1 g$ CNAME gone',
    String.raw`h TYPE5 \# 14 04676f6e65076578616d706c6500`,
  ];
  expect(
    report(['$TTL 60', soa, '@ NS ns', 'ns A 192.0.2.1', ...data, ...made].join('\n')),
  ).toEqual([
    'warning 4:3 soa-interval-zero',
    'warning 5:3 soa-retry-above-refresh',
    'warning 8:15 mx-without-address',
    'warning 10:3 ttl-mismatch',
    'warning 11:1 dangling-alias',
    'warning 12:9 dangling-alias',
  ]);
});

test('in a reverse zone a host that was written without its last dot', () => {
  const zone = `${APEX}1 PTR www.example.com\n2 PTR www.example.com.\n`;
  expect(report(zone, '2.0.192.in-addr.arpa.')).toEqual(['warning 5:7 forgotten-dot']);
});

test('a large zone is checked in linear time', () => {
  const lines = Array.from(
    { length: 20_000 },
    (_, i) => `h${i} A 192.0.2.1\nc${i} CNAME c${i + 1}`,
  );
  const zone = `${APEX}${lines.join('\n')}\nsub NS ns\n${'x.sub A 192.0.2.1\n'.repeat(20_000)}`;
  expect(report(zone).length).toBeGreaterThan(50);
});

test('every code is explained, and every code that is explained exists', () => {
  const code = readdirSync(join(ROOT, 'src/zone'), { recursive: true })
    .filter((file) => String(file).endsWith('.ts'))
    .map((file) => readFileSync(join(ROOT, 'src/zone', String(file)), 'utf8'))
    .join('\n');
  const page = readFileSync(join(ROOT, 'docs/zone-problems.md'), 'utf8');
  const explained = [...page.matchAll(/^\| (`[^|]*)\|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([a-z-]+)`/g)].map(([, word = '']) => word),
  );
  const isThere = (word: string): boolean =>
    code.includes(`'${word}'`) || code.includes(`\`\${word}${word.replace(/^(ns|mx|srv)/, '')}\``);
  expect(explained.filter((word) => !isThere(word))).toEqual([]);
  const found = CHECKED_ZONES.flatMap((zone) => zone.found.map((line) => line.split(' ')[2]!));
  expect(found.filter((word) => !explained.includes(word))).toEqual([]);
  const given = [...code.matchAll(/(?:code: |, )'([a-z]+(?:-[a-z]+)+)'/g)].map(([, word]) => word!);
  expect(given.filter((word) => !explained.includes(word))).toEqual([]);
});
