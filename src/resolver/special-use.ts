/**
 * The special-use names and the reverse zones of addresses that mean nothing outside of a site: a
 * table, each line with the RFC that says so. Nobody in the public tree knows about them; to ask
 * there would only tell what goes on here. Each is a tiny zone with an SOA (RFC 6303 §3), so that
 * its negative answers can be kept by whoever asks; its words are those of Unbound.
 *
 * Some hold in every network, be its root what it may: `localhost` means this machine to programs
 * that never read a configuration, and `invalid` is nothing by promise (RFC 6761 §6.3, §6.4).
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import { nameOf } from '../wire/name-text.ts';
import { parseRdata } from '../wire/rdata/rdata.ts';
import { splitTokens } from '../wire/rdata/tokens.ts';
import type { ResourceRecord } from '../wire/record.ts';
import type { BuiltInZone } from './local-zones.ts';

type Line = readonly [zone: string, rfc: string];

/** Zones that hold nothing, and where it is written that they do. */
const EMPTY_EVERYWHERE: readonly Line[] = [['invalid.', 'RFC 6761 §6.4']];

/** A root of one's own may delegate them. */
const EMPTY_NAMES: readonly Line[] = [
  ['test.', 'RFC 6761 §6.2'],
  ['local.', 'RFC 6762 §22.1'],
  ['onion.', 'RFC 7686 §2'],
  ['home.arpa.', 'RFC 8375 §4'],
  ['alt.', 'RFC 9476 §2'],
  ['resolver.arpa.', 'RFC 9462 §6.4'],
  ['service.arpa.', 'RFC 9665 §10.1'],
];

const EMPTY_REVERSE: readonly Line[] = [
  // 0.0.0.0/8, 169.254.0.0/16, the documentation's, 255.255.255.255.
  ['0.in-addr.arpa.', 'RFC 6303 §4.2'],
  ['254.169.in-addr.arpa.', 'RFC 6303 §4.2'],
  ['2.0.192.in-addr.arpa.', 'RFC 6303 §4.2'],
  ['100.51.198.in-addr.arpa.', 'RFC 6303 §4.2'],
  ['113.0.203.in-addr.arpa.', 'RFC 6303 §4.2'],
  ['255.255.255.255.in-addr.arpa.', 'RFC 6303 §4.2'],
  // Private networks (RFC 1918 §3).
  ['10.in-addr.arpa.', 'RFC 6303 §4.1'],
  ['168.192.in-addr.arpa.', 'RFC 6303 §4.1'],
  // ::, fc00::/7 as far as it is in use, fe80::/10, 2001:db8::/32.
  [`${'0.'.repeat(32)}ip6.arpa.`, 'RFC 6303 §4.3'],
  ['d.f.ip6.arpa.', 'RFC 6303 §4.4'],
  ['8.e.f.ip6.arpa.', 'RFC 6303 §4.5'],
  ['9.e.f.ip6.arpa.', 'RFC 6303 §4.5'],
  ['a.e.f.ip6.arpa.', 'RFC 6303 §4.5'],
  ['b.e.f.ip6.arpa.', 'RFC 6303 §4.5'],
  ['8.b.d.0.1.0.0.2.ip6.arpa.', 'RFC 6303 §4.6'],
];

/** More of them: runs of zones `N.rest`, from the first N to the last. */
const REVERSE_RUNS: readonly (readonly [first: number, last: number, rest: string, rfc: string])[] =
  [
    // 172.16.0.0/12.
    [16, 31, '172.in-addr.arpa.', 'RFC 6303 §4.1'],
    // 100.64.0.0/10, between a provider and its customers.
    [64, 127, '100.in-addr.arpa.', 'RFC 7793 §2'],
  ];

/** Zones with data, everywhere. `redirect`: every name below has them (RFC 6761 §6.3). */
const FILLED: readonly (Pick<BuiltInZone, 'kind'> & {
  readonly zone: string;
  readonly rfc: string;
  readonly records: readonly string[];
})[] = [
  {
    zone: 'localhost.',
    rfc: 'RFC 6761 §6.3',
    kind: 'redirect',
    records: ['localhost. A 127.0.0.1', 'localhost. AAAA ::1'],
  },
  {
    zone: '127.in-addr.arpa.',
    rfc: 'RFC 6303 §4.2',
    kind: 'static',
    records: ['1.0.0.127.in-addr.arpa. PTR localhost.'],
  },
  {
    zone: `1.${'0.'.repeat(31)}ip6.arpa.`,
    rfc: 'RFC 6303 §4.3',
    kind: 'static',
    records: [`1.${'0.'.repeat(31)}ip6.arpa. PTR localhost.`],
  },
];

const TTL_SECONDS = 10_800;

export interface SpecialUse {
  /** `test`, `local`, `onion` and such. */
  readonly names: boolean;
  /** Reverse zones of private addresses, of those for documentation, and of link-local ones. */
  readonly privateReverse: boolean;
}

export function specialUseZones({ names, privateReverse }: SpecialUse): readonly BuiltInZone[] {
  const runs = REVERSE_RUNS.flatMap(([first, last, rest]) =>
    Array.from({ length: last - first + 1 }, (_, i) => `${first + i}.${rest}`),
  );
  const empty = [
    ...[...EMPTY_EVERYWHERE, ...(names ? EMPTY_NAMES : [])].map(([zone]) => zone),
    ...(privateReverse ? [...EMPTY_REVERSE.map(([zone]) => zone), ...runs] : []),
  ];
  return [
    ...empty.map((zone) => zoneOf(zone, 'static', [])),
    ...FILLED.map(({ zone, kind, records }) => zoneOf(zone, kind, records)),
  ];
}

function zoneOf(zone: string, kind: BuiltInZone['kind'], lines: readonly string[]): BuiltInZone {
  const own = [
    `${zone} SOA localhost. nobody.invalid. 1 3600 1200 604800 ${TTL_SECONDS}`,
    `${zone} NS localhost.`,
  ];
  return { name: nameOf(zone), kind, records: [...own, ...lines].map(recordOf) };
}

function recordOf(line: string): ResourceRecord {
  const [owner, mnemonic, ...rest] = line.split(' ');
  const type = RRType[mnemonic as keyof typeof RRType];
  const rdata = parseRdata(type, splitTokens(rest.join(' ')), nameOf('.'));
  if (!rdata.ok) throw new Error(`${line}: ${rdata.error.message}`);
  const name = nameOf(owner!);
  return { name, type, class: DnsClass.IN, ttl: TTL_SECONDS, rdata: rdata.value };
}
