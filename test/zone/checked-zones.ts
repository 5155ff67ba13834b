/**
 * Zones with one thing wrong each, what our checks find in them, and what the checkers of others
 * think of them: BIND (`named-checkzone -i full`), Knot (`kzonecheck`) and NSD (`nsd-checkzone`).
 * The verdicts are those of BIND 9.18, Knot 3.2 and NSD 4.6; an interop test asks them again.
 */

export interface CheckedZone {
  readonly what: string;
  /** With the origin 'example.'. */
  readonly zone: string;
  /** 'severity line:column code', errors first. */
  readonly found: readonly string[];
  /** Who refuses the zone. */
  readonly refusedBy: readonly ('BIND' | 'Knot' | 'NSD')[];
  /** Why our verdict is not that of BIND and Knot where these two agree. */
  readonly because?: string;
}

export const APEX: string = '$TTL 60\n@ SOA ns h 1 7200 600 864000 60\n@ NS ns\nns A 192.0.2.1\n';

const DIGEST = '00'.repeat(32);

function withApex(
  what: string,
  records: string,
  verdicts: Pick<CheckedZone, 'found' | 'refusedBy' | 'because'>,
): CheckedZone {
  return { what, zone: `${APEX}${records}\n`, ...verdicts };
}

function numbers(what: string, soa: string, found: readonly string[]): CheckedZone {
  return { what, zone: APEX.replace('1 7200 600 864000 60', soa), found, refusedBy: [] };
}

export const CHECKED_ZONES: readonly CheckedZone[] = [
  withApex('nothing', 'www A 192.0.2.80', { found: [], refusedBy: [] }),
  {
    what: 'no SOA',
    zone: APEX.replace(/@ SOA.*\n/, ''),
    found: ['error 1:1 soa-missing'],
    refusedBy: ['BIND', 'Knot', 'NSD'],
  },
  withApex('two SOA', '@ SOA ns h 2 7200 600 864000 60', {
    found: ['error 5:3 not-single'],
    refusedBy: ['BIND', 'NSD'],
  }),
  {
    what: 'no NS at the apex',
    zone: APEX.replace(/@ NS.*\n/, ''),
    found: ['error 2:1 apex-ns-missing'],
    refusedBy: ['BIND', 'Knot'],
  },
  withApex('CNAME and other data', 'x CNAME ns\nx A 192.0.2.1', {
    found: ['error 6:3 cname-and-other-data'],
    refusedBy: ['BIND', 'Knot', 'NSD'],
  }),
  withApex('two CNAME', 'x CNAME ns\nx CNAME ns.org.', {
    found: ['error 6:3 not-single'],
    refusedBy: ['BIND', 'Knot', 'NSD'],
  }),
  withApex('two DNAME', 'b DNAME example.org.\nb DNAME example.com.', {
    found: ['error 6:3 not-single'],
    refusedBy: ['BIND', 'Knot', 'NSD'],
  }),
  withApex('a name outside of the zone', 'x.org. A 192.0.2.1', {
    found: ['error 5:1 out-of-zone'],
    refusedBy: ['NSD'],
    because: 'they drop the record; data that nobody will ever find are a mistake in the file',
  }),
  withApex('a server of the zone that is an alias', 'x CNAME ns\n@ NS x', {
    found: ['error 6:6 ns-is-alias'],
    refusedBy: ['BIND', 'Knot'],
  }),
  withApex('a server of the zone without address', '@ NS nowhere', {
    found: ['error 5:6 ns-without-address'],
    refusedBy: ['BIND', 'Knot'],
  }),
  withApex('a server of a delegation that is an alias', 'x CNAME ns\nsub NS x', {
    found: ['warning 6:8 ns-is-alias'],
    refusedBy: ['Knot'],
  }),
  withApex('a delegation without glue', 'sub NS ns.sub', {
    found: ['warning 5:8 missing-glue'],
    refusedBy: ['Knot'],
  }),
  withApex('a delegation to a name without address', 'sub NS foo', {
    found: ['warning 5:8 ns-without-address'],
    refusedBy: ['Knot'],
  }),
  withApex('a server below a DNAME', 'b DNAME org.\nsub NS ns.b', {
    found: ['warning 6:8 ns-is-alias'],
    refusedBy: ['Knot'],
  }),
  withApex('an address that is no glue', 'sub NS ns\nns9.sub A 192.0.2.1', {
    found: ['warning 6:1 extra-glue'],
    refusedBy: [],
  }),
  withApex('data below a delegation', 'sub NS ns\nx.sub TXT hi', {
    found: ['warning 6:1 occluded'],
    refusedBy: [],
  }),
  withApex('data at a delegation', 'sub NS ns\nsub TXT hi', {
    found: ['warning 6:1 occluded'],
    refusedBy: [],
  }),
  withApex('DS without NS', `x DS 1 8 2 ${DIGEST}\nx A 192.0.2.1`, {
    found: ['warning 5:3 ds-without-ns'],
    refusedBy: [],
  }),
  withApex('DS at the apex', `@ DS 1 8 2 ${DIGEST}`, {
    found: ['warning 5:3 ds-at-apex'],
    refusedBy: ['BIND'],
  }),
  withApex('a DS with a digest that is too short', `x NS ns\nx DS 1 8 2 ${DIGEST.slice(2)}`, {
    found: ['error 6:12 bad-rdata'],
    refusedBy: ['BIND', 'Knot'],
  }),
  withApex('a CDS with a digest that is too long', `@ CDS 1 8 2 ${DIGEST}00`, {
    found: ['warning 5:13 digest-length'],
    refusedBy: ['BIND'],
  }),
  withApex('a fingerprint that is too short', `x SSHFP 1 1 ${DIGEST.slice(26)}`, {
    found: ['warning 5:13 digest-length'],
    refusedBy: ['BIND'],
  }),
  withApex('a ZONEMD that is too short', `@ ZONEMD 1 1 1 ${DIGEST}`, {
    found: ['warning 5:16 digest-length'],
    refusedBy: ['BIND'],
  }),
  withApex('a ZONEMD shorter than any', '@ ZONEMD 1 1 240 00', {
    found: ['warning 5:18 digest-length'],
    refusedBy: ['BIND'],
  }),
  withApex('NS at a wildcard', '*.sub NS ns', {
    found: ['warning 5:1 ns-at-wildcard'],
    refusedBy: ['BIND'],
  }),
  withApex('NS below a wildcard', 'a.* NS ns', {
    found: ['warning 5:1 inner-wildcard'],
    refusedBy: [],
  }),
  withApex('DNAME at a wildcard', '*.b DNAME example.org.', {
    found: ['warning 5:1 dname-at-wildcard'],
    refusedBy: [],
  }),
  withApex('data below a DNAME', 'b DNAME example.org.\nx.b A 192.0.2.1', {
    found: ['warning 6:1 below-dname'],
    refusedBy: ['Knot', 'NSD'],
  }),
  withApex('NS beside a DNAME', 'b DNAME example.org.\nb NS ns', {
    found: ['warning 5:3 ns-and-dname'],
    refusedBy: ['Knot'],
  }),
  withApex('the servers of the zone below a DNAME', '@ DNAME example.org.', {
    found: ['error 3:6 ns-is-alias', 'warning 4:1 below-dname'],
    refusedBy: ['BIND', 'Knot', 'NSD'],
  }),
  withApex('a DNAME into itself', 'b DNAME c.b', {
    found: ['warning 5:9 dname-loop'],
    refusedBy: [],
  }),
  withApex('mail to an alias', 'x CNAME ns\n@ MX 1 x', {
    found: ['warning 6:8 mx-is-alias'],
    refusedBy: [],
  }),
  withApex('mail to a name without address', '@ MX 1 nowhere', {
    found: ['warning 5:8 mx-without-address'],
    refusedBy: [],
  }),
  withApex('mail to a name with other records only', '@ MX 1 x\nx TXT hi', {
    found: ['warning 5:8 mx-without-address'],
    refusedBy: [],
  }),
  withApex('a service at an alias', 'x CNAME ns\n_s._tcp SRV 1 1 1 x', {
    found: ['warning 6:19 srv-is-alias'],
    refusedBy: [],
  }),
  withApex('a service at a name without address', '_s._tcp SRV 1 1 1 x', {
    found: ['warning 5:19 srv-without-address'],
    refusedBy: [],
  }),
  withApex('no mail, and mail', '@ MX 0 .\n@ MX 10 ns', {
    found: ['warning 5:8 null-mx-and-others'],
    refusedBy: [],
  }),
  withApex('aliases in a circle', 'x CNAME y\ny CNAME x', {
    found: ['warning 5:9 cname-loop', 'warning 6:9 cname-loop'],
    refusedBy: [],
  }),
  withApex('an alias to nowhere', 'x CNAME nowhere', {
    found: ['warning 5:9 dangling-alias'],
    refusedBy: [],
  }),
  withApex('a record twice', 'x A 192.0.2.1\nX A 192.0.2.1', {
    found: ['warning 6:1 duplicate-record'],
    refusedBy: [],
  }),
  withApex('TTLs that differ', 'x 1 A 192.0.2.1\nx 2 A 192.0.2.2', {
    found: ['warning 6:3 ttl-mismatch'],
    refusedBy: [],
  }),
  withApex('a TTL that is too large', 'x 2147483648 A 192.0.2.1', {
    found: ['warning 5:3 ttl-too-large'],
    refusedBy: [],
  }),
  withApex('a host name that is none', 'a_b A 192.0.2.1', {
    found: ['warning 5:1 bad-host-name'],
    refusedBy: [],
  }),
  withApex('a dot forgotten', 'www.example A 192.0.2.1\nx MX 1 ns.example', {
    found: [
      'warning 5:1 forgotten-dot',
      'warning 6:8 forgotten-dot',
      'warning 6:8 mx-without-address',
    ],
    refusedBy: [],
  }),
  withApex('a name of more than 255 octets', `${'a.'.repeat(124)}x A 192.0.2.1`, {
    found: ['error 5:1 bad-owner'],
    refusedBy: ['BIND', 'Knot', 'NSD'],
  }),
  numbers('a serial of 0', '0 7200 600 864000 60', ['warning 2:12 soa-serial-zero']),
  numbers('a retry above the refresh', '1 600 7200 864000 60', [
    'warning 2:18 soa-retry-above-refresh',
  ]),
  numbers('a refresh above the expire', '1 7200 600 300 60', [
    'warning 2:23 soa-refresh-above-expire',
  ]),
  numbers('an expire that one failure exceeds', '1 7200 600 7500 60', [
    'warning 2:23 soa-expire-short',
  ]),
  numbers('no interval', '1 0 0 864000 60', ['warning 2:14 soa-interval-zero']),
];
