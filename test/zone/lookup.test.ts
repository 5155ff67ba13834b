import { describe, expect, test } from 'vitest';
import { parseType, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { answerFrom, linesOf, zoneOf } from './answer.ts';

const APEX = `
$TTL 300
@     SOA   ns h 1 2 3 4 60
      NS    ns
ns    A     192.0.2.53
`;
const SOA = 'example. 60 SOA ns.example. h.example. 1 2 3 4 60';

interface Row {
  readonly zone: string;
  /** 'name TYPE', relative to the origin. */
  readonly query: string;
  /** Lines of zone text, sorted. 'SOA' stands for the negative one. */
  readonly answer?: readonly string[];
  readonly authority?: readonly string[];
  readonly additional?: readonly string[];
  readonly rcode?: string;
  /** Default: true. */
  readonly aa?: boolean;
}

function check({ zone, query, ...expected }: Row): void {
  const [name, type] = query.split(' ') as [string, string];
  const got = answerFrom(
    zoneOf(APEX + zone, 'example.'),
    nameOf(name, nameOf('example.')),
    parseType(type)!,
  );
  expect(got).toEqual({
    rcode: 'NOERROR',
    aa: true,
    answer: [],
    additional: [],
    ...expected,
    authority: (expected.authority ?? []).map((line) => (line === 'SOA' ? SOA : line)),
  });
}

type Table = readonly (readonly [phenomenon: string, row: Row])[];

describe('exact names (RFC 1034 §4.3.2 step 3a)', () => {
  const table: Table = [
    [
      'the RRset',
      {
        zone: 'a A 192.0.2.1\n A 192.0.2.2',
        query: 'a A',
        answer: ['a.example. 300 A 192.0.2.1', 'a.example. 300 A 192.0.2.2'],
      },
    ],
    [
      'letter case is ignored, and the zone answers with its own (RFC 4343 §4.1)',
      { zone: 'aB A 192.0.2.1', query: 'Ab A', answer: ['aB.example. 300 A 192.0.2.1'] },
    ],
    [
      'another type is NODATA with the SOA (RFC 2308 §2.2)',
      { zone: 'a A 192.0.2.1', query: 'a AAAA', authority: ['SOA'] },
    ],
    [
      'a missing name is NXDOMAIN with the SOA (RFC 2308 §2.1)',
      { zone: '', query: 'a.b A', rcode: 'NXDOMAIN', authority: ['SOA'] },
    ],
    [
      'an empty non-terminal exists (RFC 4592 §2.2.2)',
      { zone: 'a.b.c A 192.0.2.1', query: 'c A', authority: ['SOA'] },
    ],
    [
      'a name below a name without cut does not',
      { zone: 'c A 192.0.2.1', query: 'b.c A', rcode: 'NXDOMAIN', authority: ['SOA'] },
    ],
    ['the apex', { zone: '', query: '@ NS', answer: ['example. 300 NS ns.example.'] }],
    [
      'the SOA itself keeps its TTL',
      { zone: '', query: '@ SOA', answer: [SOA.replace('60', '300')] },
    ],
    [
      'DS at the apex is NODATA in the child (RFC 4035 §3.1.4.1)',
      { zone: '', query: '@ DS', authority: ['SOA'] },
    ],
    [
      'ANY is every RRset',
      {
        zone: 'a A 192.0.2.1\n TXT x',
        query: 'a ANY',
        answer: ['a.example. 300 A 192.0.2.1', 'a.example. 300 TXT "x"'],
      },
    ],
    [
      'ANY at an empty non-terminal is NODATA',
      { zone: 'a.b A 192.0.2.1', query: 'b ANY', authority: ['SOA'] },
    ],
    [
      'a dot in a label is no separator',
      { zone: 'a\\.b A 192.0.2.1', query: 'a.b A', rcode: 'NXDOMAIN', authority: ['SOA'] },
    ],
  ];
  test.each(table)('%s', (_phenomenon, row) => check(row));
});

describe('aliases (RFC 1034 §3.6.2)', () => {
  const table: Table = [
    [
      'a CNAME answers other types',
      {
        zone: 'a CNAME b\nb A 192.0.2.1',
        query: 'a A',
        answer: ['a.example. 300 CNAME b.example.', 'b.example. 300 A 192.0.2.1'],
      },
    ],
    [
      'a CNAME query gets the CNAME alone',
      {
        zone: 'a CNAME b\nb A 192.0.2.1',
        query: 'a CNAME',
        answer: ['a.example. 300 CNAME b.example.'],
      },
    ],
    [
      'ANY gets the CNAME alone',
      {
        zone: 'a CNAME b\nb A 192.0.2.1',
        query: 'a ANY',
        answer: ['a.example. 300 CNAME b.example.'],
      },
    ],
    [
      'the end of the chain decides the rcode (RFC 6604 §3)',
      {
        zone: 'a CNAME b',
        query: 'a A',
        answer: ['a.example. 300 CNAME b.example.'],
        rcode: 'NXDOMAIN',
        authority: ['SOA'],
      },
    ],
    [
      'NSEC stands beside a CNAME and is not redirected (RFC 4035 §2.5)',
      {
        zone: 'a CNAME b\na NSEC b CNAME',
        query: 'a NSEC',
        answer: ['a.example. 300 NSEC b.example. CNAME'],
      },
    ],
    [
      'an alias into a delegation ends in its referral',
      {
        zone: 'a CNAME x.d\nd NS ns.d\nns.d A 192.0.2.9',
        query: 'a A',
        answer: ['a.example. 300 CNAME x.d.example.'],
        authority: ['d.example. 300 NS ns.d.example.'],
        additional: ['ns.d.example. 300 A 192.0.2.9'],
      },
    ],
  ];
  test.each(table)('%s', (_phenomenon, row) => check(row));
});

describe('wildcards (RFC 4592)', () => {
  const table: Table = [
    [
      'matches one label and bears the query name (§3.3.2)',
      { zone: '* A 192.0.2.1', query: 'X A', answer: ['X.example. 300 A 192.0.2.1'] },
    ],
    [
      'matches several labels',
      { zone: '* A 192.0.2.1', query: 'x.y.z A', answer: ['x.y.z.example. 300 A 192.0.2.1'] },
    ],
    ['not its parent', { zone: '*.w A 192.0.2.1', query: 'w A', authority: ['SOA'] }],
    [
      'not below a name that exists: the closest encloser decides (§3.3.1)',
      { zone: '* A 192.0.2.1\nb TXT x', query: 'a.b A', rcode: 'NXDOMAIN', authority: ['SOA'] },
    ],
    [
      'not below an empty non-terminal (§2.2.2)',
      { zone: '* A 192.0.2.1\na.b TXT x', query: 'c.b A', rcode: 'NXDOMAIN', authority: ['SOA'] },
    ],
    [
      'an empty non-terminal is not matched',
      { zone: '* A 192.0.2.1\na.b TXT x', query: 'b A', authority: ['SOA'] },
    ],
    [
      'a name that exists has NODATA, whatever the wildcard holds',
      { zone: '* A 192.0.2.1\na TXT x', query: 'a A', authority: ['SOA'] },
    ],
    [
      'without the type it is NODATA',
      { zone: '* A 192.0.2.1', query: 'x AAAA', authority: ['SOA'] },
    ],
    [
      'at depth',
      {
        zone: '*.a.b A 192.0.2.1',
        query: 'x.y.a.b A',
        answer: ['x.y.a.b.example. 300 A 192.0.2.1'],
      },
    ],
    [
      'one that is an empty non-terminal matches and has nothing (§2.2.2)',
      { zone: 'x.* A 192.0.2.1', query: 'y A', authority: ['SOA'] },
    ],
    [
      'asked by its own name it is an ordinary name (§2.3)',
      { zone: '* A 192.0.2.1', query: '* A', answer: ['*.example. 300 A 192.0.2.1'] },
    ],
    [
      'a name below it exists literally (§2.2.1)',
      { zone: 'x.* A 192.0.2.1', query: 'x.* A', answer: ['x.*.example. 300 A 192.0.2.1'] },
    ],
    [
      'with a CNAME redirects (§4.4)',
      {
        zone: '* CNAME ns',
        query: 'x A',
        answer: ['ns.example. 300 A 192.0.2.53', 'x.example. 300 CNAME ns.example.'],
      },
    ],
    [
      'ANY',
      {
        zone: '* A 192.0.2.1\n TXT x',
        query: 'x ANY',
        answer: ['x.example. 300 A 192.0.2.1', 'x.example. 300 TXT "x"'],
      },
    ],
    [
      'with NS delegates what it matches (§4.2)',
      {
        zone: '* NS ns.d.org.',
        query: 'x.y A',
        aa: false,
        authority: ['x.y.example. 300 NS ns.d.org.'],
      },
    ],
    [
      'with DNAME is data like any other (§4.4)',
      { zone: '* DNAME org.', query: 'x A', authority: ['SOA'] },
    ],
    [
      'a DNAME owner that is a wildcard redirects below itself',
      {
        zone: '* DNAME org.',
        query: 'x.* A',
        answer: ['*.example. 300 DNAME org.', 'x.*.example. 300 CNAME x.org.'],
      },
    ],
    [
      'does not reach below a cut',
      {
        zone: '* A 192.0.2.1\nd NS ns.org.',
        query: 'x.d A',
        aa: false,
        authority: ['d.example. 300 NS ns.org.'],
      },
    ],
  ];
  test.each(table)('%s', (_phenomenon, row) => check(row));

  test('the source of synthesis is named (RFC 4592 §2.1.1)', () => {
    const found = zoneOf(APEX + '*.w A 192.0.2.1', 'example.').find(
      nameOf('x.W.example.'),
      RRType.A,
    );
    expect(found).toMatchObject({ kind: 'answer', wildcard: nameOf('*.w.example.') });
  });
});

describe('delegations (RFC 1034 §4.3.2 step 3b)', () => {
  const CUT =
    'd NS ns.d\n NS ns.e\n NS ns.org.\nns.d A 192.0.2.1\n AAAA 2001:db8::1\ne NS ns.e\nns.e A 192.0.2.2\n';
  const authority = [
    'd.example. 300 NS ns.d.example.',
    'd.example. 300 NS ns.e.example.',
    'd.example. 300 NS ns.org.',
  ];
  const additional = [
    'ns.d.example. 300 A 192.0.2.1',
    'ns.d.example. 300 AAAA 2001:db8::1',
    'ns.e.example. 300 A 192.0.2.2',
  ];
  const referral = { aa: false, authority, additional } as const;
  const table: Table = [
    ['a name below the cut', { zone: CUT, query: 'x.y.d A', ...referral }],
    ['the cut itself', { zone: CUT, query: 'd A', ...referral }],
    [
      "NS at the cut is the child's to answer (RFC 2181 §6.1)",
      { zone: CUT, query: 'd NS', ...referral },
    ],
    ['ANY at the cut', { zone: CUT, query: 'd ANY', ...referral }],
    ['glue is no answer', { zone: CUT, query: 'ns.d A', ...referral }],
    [
      'a cut below a cut is occluded',
      { zone: CUT + 'x.d NS ns.x.d\n', query: 'y.x.d A', ...referral },
    ],
    [
      'a DNAME at a cut is occluded (RFC 6672 §2.4)',
      { zone: CUT + 'd DNAME org.\n', query: 'x.d A', ...referral },
    ],
    ['data at a cut are occluded', { zone: CUT + 'd TXT x\n', query: 'd TXT', ...referral }],
    [
      "DS at the cut is the parent's (RFC 4035 §3.1.4.1)",
      { zone: CUT + 'd DS 1 13 99 AB\n', query: 'd DS', answer: ['d.example. 300 DS 1 13 99 AB'] },
    ],
    ['no DS at the cut is NODATA of the parent', { zone: CUT, query: 'd DS', authority: ['SOA'] }],
    ['DS below the cut is not', { zone: CUT, query: 'x.d DS', ...referral }],
    [
      'the DS goes with the referral (RFC 4035 §3.1.4)',
      {
        zone: 'd NS ns.org.\nd DS 1 13 99 AB',
        query: 'x.d A',
        aa: false,
        authority: ['d.example. 300 DS 1 13 99 AB', 'd.example. 300 NS ns.org.'],
      },
    ],
  ];
  test.each(table)('%s', (_phenomenon, row) => check(row));

  test('glue that is needed and sibling glue come apart (RFC 9471 §2)', () => {
    const found = zoneOf(APEX + CUT, 'example.').find(nameOf('x.d.example.'), RRType.A);
    if (found.kind !== 'referral') throw new Error(found.kind);
    expect(linesOf(found.glue)).toEqual(additional.slice(0, 2));
    expect(linesOf(found.siblingGlue)).toEqual(additional.slice(2));
  });
});

describe('DNAME (RFC 6672)', () => {
  const table: Table = [
    [
      "below the owner a CNAME is synthesised with the DNAME's TTL (§3.1)",
      {
        zone: 'd 7 DNAME t\nx.t A 192.0.2.1',
        query: 'x.d A',
        answer: [
          'd.example. 7 DNAME t.example.',
          'x.d.example. 7 CNAME x.t.example.',
          'x.t.example. 300 A 192.0.2.1',
        ],
      },
    ],
    [
      'the owner itself is not redirected (§2.3)',
      { zone: 'd DNAME t\n A 192.0.2.1', query: 'd A', answer: ['d.example. 300 A 192.0.2.1'] },
    ],
    [
      'the DNAME itself',
      { zone: 'd DNAME t', query: 'd DNAME', answer: ['d.example. 300 DNAME t.example.'] },
    ],
    [
      'the owner has NODATA for other types',
      { zone: 'd DNAME t', query: 'd A', authority: ['SOA'] },
    ],
    [
      'at the apex it redirects all below (§2.3)',
      {
        zone: '@ DNAME org.',
        query: 'x.y A',
        answer: ['example. 300 DNAME org.', 'x.y.example. 300 CNAME x.y.org.'],
      },
    ],
    [
      'occludes what stands below (§2.4)',
      {
        zone: 'd DNAME org.\nx.d A 192.0.2.1',
        query: 'x.d A',
        answer: ['d.example. 300 DNAME org.', 'x.d.example. 300 CNAME x.org.'],
      },
    ],
    [
      'a CNAME query below is redirected too',
      {
        zone: 'd DNAME org.',
        query: 'x.d CNAME',
        answer: ['d.example. 300 DNAME org.', 'x.d.example. 300 CNAME x.org.'],
      },
    ],
    [
      'a name that grows over 255 octets is YXDOMAIN (§2.2)',
      {
        zone: `d DNAME ${`${'t'.repeat(62)}.`.repeat(3)}org.`,
        query: `${'x'.repeat(63)}.y.d A`,
        rcode: 'YXDOMAIN',
        answer: [`d.example. 300 DNAME ${`${'t'.repeat(62)}.`.repeat(3)}org.`],
      },
    ],
  ];
  test.each(table)('%s', (_phenomenon, row) => check(row));
});

test('a root zone delegates (RFC 1034 §4.3.2)', () => {
  const zone = zoneOf(
    '. 5 SOA a. b. 1 2 3 4 5\n. 5 NS ns.a.\norg. 5 NS ns.org.\nns.org. 5 A 192.0.2.1',
  );
  expect(answerFrom(zone, nameOf('www.org.'), RRType.A)).toEqual({
    rcode: 'NOERROR',
    aa: false,
    answer: [],
    authority: ['org. 5 NS ns.org.'],
    additional: ['ns.org. 5 A 192.0.2.1'],
  });
});
