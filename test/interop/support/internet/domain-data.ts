/**
 * What an ordinary domain of the generated internet holds: addresses, aliases within and into other
 * domains, DNAMEs, wildcards, empty non-terminals, names of odd octets, RRsets that need TCP, TTL 0,
 * and one or two of the rarer types.
 */
import { pick } from '../rich-zone.ts';
import type { DraftZone } from './draft-zone.ts';

export interface Neighbours {
  /** Origins of other ordinary domains. */
  readonly partner: string;
  readonly next: string;
  /** Whether chains that go from domain to domain end here. */
  readonly endsChains: boolean;
}

export function fillDomain(zone: DraftZone, neighbours: Neighbours): void {
  addHosts(zone);
  addAliases(zone, neighbours);
  addDelegationNames(zone, neighbours);
  addWildcards(zone);
  addOddNames(zone);
  addLargeSets(zone);
  for (let i = 0; i < 3; i++) {
    const [owner, type, ...data] = pick(zone.random, RARE);
    zone.add(owner, type, ...data);
  }
}

function addHosts(zone: DraftZone): void {
  const { random } = zone;
  const address = (): string => `203.0.113.${random(256)}`;
  zone.add('www', 'A', ...new Set([address(), address(), address()]));
  if (random(2) === 0) zone.add('www', 'AAAA', `2001:db8::${random(9999)}`);
  zone.add('@', 'MX', '10 mail', '20 www');
  zone.add('@', 'TXT', '"v=spf1 -all"');
  zone.add('mail', 'A', address());
  zone.add('MiXeD', 'A', address());
  zone.add('x.y.ent', 'TXT', '"below two empty non-terminals"');
  zone.withTtl(0)('zero', 'A', address());
}

function addAliases(zone: DraftZone, { partner, next, endsChains }: Neighbours): void {
  zone.add('alias', 'CNAME', 'www');
  zone.add('out', 'CNAME', `www.${partner}`);
  zone.add('outout', 'CNAME', `out.${partner}`);
  zone.add('dangling', 'CNAME', `nothing.${partner}`);
  zone.add('nodata', 'CNAME', `y.ent.${partner}`);
  zone.add('nowhere', 'CNAME', 'www.no-such-tld.');
  zone.add('towild', 'CNAME', `any.wild.${partner}`);
  zone.add('todname', 'CNAME', `www.dn.${partner}`);
  zone.withTtl(0)('zeroalias', 'CNAME', 'mail');
  zone.add('loop', 'CNAME', 'pool');
  zone.add('pool', 'CNAME', 'loop');
  zone.add('bigloop', 'CNAME', `bigpool.${partner}`);
  zone.add('bigpool', 'CNAME', `bigloop.${partner}`);
  if (endsChains) zone.add('hop', 'A', '203.0.113.77');
  else zone.add('hop', 'CNAME', `hop.${next}`);
}

function addDelegationNames(zone: DraftZone, { partner }: Neighbours): void {
  zone.add('dn', 'DNAME', partner);
  zone.add('dnin', 'DNAME', 'ent');
  zone.add('dndn', 'DNAME', `dn.${partner}`);
  zone.add('dngone', 'DNAME', `nothing.${partner}`);
}

function addWildcards(zone: DraftZone): void {
  zone.add('*.wild', 'A', '203.0.113.40');
  zone.add('*.wild', 'TXT', '"synthesised"');
  zone.add('known.wild', 'AAAA', '2001:db8::40');
  zone.add('x.deep.wild', 'A', '203.0.113.41');
  zone.add('*.star', 'CNAME', 'www');
}

/** Owner, text: a dot, a blank, control octets, an octet above 127, what master files quote. */
function addOddNames(zone: DraftZone): void {
  zone.add('first\\.last', 'TXT', '"a label with a dot"');
  zone.add(String.raw`sp\032ace`, 'A', '203.0.113.50');
  zone.add(String.raw`\000\001\255`, 'A', '203.0.113.51');
  zone.add(String.raw`semi\;at\@quote\"`, 'A', '203.0.113.52');
  zone.add('oddalias', 'CNAME', String.raw`\000\001\255`);
}

function addLargeSets(zone: DraftZone): void {
  const texts = (count: number, octets: number): string[] =>
    Array.from({ length: count }, (_, i) => `"${i}${'-'.repeat(octets)}"`);
  // Above 512 octets; above what EDNS is used for, so that servers ask again over TCP; large.
  zone.add('big', 'TXT', ...texts(9, 60));
  zone.add('bigger', 'TXT', ...texts(25, 60));
  if (zone.random(8) === 0) zone.add('huge', 'TXT', ...texts(60, 200));
  zone.add('tobigger', 'CNAME', 'bigger');
}

const DIGEST = 'ab'.repeat(32);

const RARE: readonly (readonly [owner: string, type: string, ...data: readonly string[]])[] = [
  ['@', 'CAA', '0 issue "ca.alpha"', '0 iodef "mailto:a@b.alpha"'],
  ['phone', 'NAPTR', '100 10 "u" "E2U+sip" "!^.*$!sip:a@b.alpha!" .'],
  ['_sip._udp', 'SRV', '1 2 5060 www', '2 0 5060 mail'],
  ['unknown', 'TYPE65280', String.raw`\# 4 C0000201`],
  ['unknown', 'TYPE65281', String.raw`\# 0`],
  ['svc', 'HTTPS', '1 . alpn=h2,h3 ipv4hint=203.0.113.1', '2 www port=8443'],
  ['_dns', 'SVCB', '1 www alpn=dot'],
  ['_443._tcp', 'TLSA', `3 1 1 ${DIGEST}`],
  ['@', 'SSHFP', `4 2 ${DIGEST}`],
  ['@', 'LOC', '52 22 23.000 N 4 53 32.000 E -2.00m 0.00m 10000m 10m'],
  ['www', 'HINFO', '"PDP-11" "UNIX"'],
  ['_http._tcp', 'URI', '10 1 "https://www.alpha/"'],
  ['@', 'RP', 'mail www'],
  ['@', 'AFSDB', '1 www'],
  ['key', 'OPENPGPKEY', 'AQIDBAUGBwg='],
  ['cert', 'CERT', 'PKIX 1 8 AQIDBAUGBwg='],
  ['x25', 'X25', '"311061700956"'],
  ['eui', 'EUI48', '00-00-5e-00-53-2a'],
  ['ptr', 'PTR', 'www'],
  ['kx', 'KX', '10 www'],
  ['apl', 'APL', '1:192.168.32.0/21 !1:192.168.38.0/28'],
];
