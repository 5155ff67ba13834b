/**
 * A zone of some 150 records, made from a seed, in which everything that an authoritative server
 * treats apart comes up several times; and questions at, below and beside its names. Only what BIND,
 * NSD and Knot all load: no NS at a wildcard, nothing below a DNAME.
 */

export const RICH_ORIGIN = 'rich.test.';
/** Served beside it: the child of one of its cuts, and a stranger that aliases lead to. */
export const CHILD_ORIGIN = 'kid.rich.test.';
export const OTHER_ORIGIN = 'other.test.';

/** Numbers below `limit`, the same for the same seed. */
export type Random = (limit: number) => number;

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return (limit) => {
    // SplitMix32: state steps by a constant, output is its hash.
    state = (state + 0x9e3779b9) >>> 0;
    let hash = state ^ (state >>> 16);
    hash = Math.imul(hash, 0x21f0aaad);
    hash = Math.imul(hash ^ (hash >>> 15), 0x735a2d97);
    return ((hash ^ (hash >>> 15)) >>> 0) % limit;
  };
}

export function pick<T>(random: Random, list: readonly T[]): T {
  return list[random(list.length)]!;
}

const DIGEST = 'ab'.repeat(32);

export function richZone(random: Random): string {
  const zone = new ZoneText(random);
  zone.add('@', 'SOA', 'ns1 hostmaster 1 3600 600 86400 120');
  zone.add('@', 'NS', 'ns1', 'ns.other.test.');
  zone.add('@', 'MX', '10 host0', '20 mail.other.test.');
  zone.add('@', 'TXT', '"apex"');
  zone.add('ns1', 'A', '192.0.2.1');
  addHosts(zone);
  addWildcards(zone);
  addAliases(zone);
  addCuts(zone);
  return zone.text;
}

export const CHILD_ZONE: string = `$ORIGIN ${CHILD_ORIGIN}
@   300 SOA ns.kid hostmaster 7 3600 600 86400 30
@   300 NS  ns
ns  300 A   192.0.2.77
www 300 A   192.0.2.78
up  300 CNAME host1.${RICH_ORIGIN}
`;

export const OTHER_ZONE: string = `$ORIGIN ${OTHER_ORIGIN}
@    500 SOA ns hostmaster 9 3600 600 86400 40
@    500 NS  ns
ns   500 A   192.0.2.90
mail 500 A   192.0.2.91
www  500 A   192.0.2.92
back 500 CNAME host0.${RICH_ORIGIN}
*.w  500 A   192.0.2.93
`;

class ZoneText {
  text = `$ORIGIN ${RICH_ORIGIN}\n`;
  readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** One RRset, with one TTL. */
  add(owner: string, type: string, ...data: readonly string[]): void {
    const ttl = pick(this.random, [60, 300, 3600, 86_400]);
    for (const one of data) this.text += `${owner} ${ttl} IN ${type} ${one}\n`;
  }
}

const HOSTS = 12;

function addHosts(zone: ZoneText): void {
  const { random } = zone;
  const address = (): string => `198.51.100.${random(256)}`;
  for (let i = 0; i < HOSTS; i++) {
    const owner = i % 3 === 2 ? `host${i}.site${random(3)}` : `host${i}`;
    zone.add(owner, 'A', ...new Set(Array.from({ length: 1 + random(3) }, address)));
    if (random(2) === 0) zone.add(owner, 'AAAA', `2001:db8::${i + 1}`);
    if (random(3) === 0) zone.add(owner, 'TXT', `"text ${i}"`, '"a; b" "c"');
    if (random(3) === 0) zone.add(owner, 'MX', `10 host${random(2)}`, '0 .');
  }
  zone.add('MixedCase', 'A', '192.0.2.30');
  zone.add('first\\.last', 'TXT', '"a label with a dot"');
  zone.add('deep.er.empty', 'TXT', '"two empty non-terminals"');
  zone.add('x.empty', 'A', '192.0.2.31');
  zone.add('_sip._udp', 'SRV', '1 2 5060 host0', '2 2 5060 mail.other.test.', '3 0 0 .');
  zone.add('naptr', 'NAPTR', '100 10 "a" "SIP+D2U" "" host1', '100 20 "u" "E2U+sip" "!^.*$!x!" .');
  zone.add('svc', 'HTTPS', '1 . alpn=h2', '2 host0 port=8443');
  zone.add('svc', 'A', '192.0.2.32');
  zone.add('svc', 'CAA', '0 issue "ca.test"');
  zone.add('unknown', 'TYPE65280', '\\# 4 C0000201');
  zone.add('ptr', 'PTR', 'host0');
  // More than 512 octets, and more than 1232.
  zone.add('big', 'TXT', ...Array.from({ length: 9 }, (_, i) => `"${i}${'-'.repeat(60)}"`));
  zone.add('bigger', 'TXT', ...Array.from({ length: 25 }, (_, i) => `"${i}${'-'.repeat(60)}"`));
}

function addWildcards(zone: ZoneText): void {
  zone.add('*.wild', 'A', '192.0.2.40');
  zone.add('*.wild', 'TXT', '"synthesised"');
  zone.add('known.wild', 'AAAA', '2001:db8::40');
  zone.add('x.deep.wild', 'A', '192.0.2.41');
  zone.add('*.star', 'CNAME', 'host0');
  zone.add('*.starout', 'CNAME', 'www.other.test.');
  zone.add('*.starself', 'CNAME', 'x.starself');
  zone.add('*.starmx', 'MX', '10 host1', '20 x.wild');
  // A wildcard that is an empty non-terminal, and one below another.
  zone.add('x.*.odd', 'TXT', '"below a wildcard"');
  zone.add('*.*.twice', 'TXT', '"two asterisks"');
  zone.add('*.stardname', 'DNAME', 'tree');
}

function addAliases(zone: ZoneText): void {
  const { random } = zone;
  const chain = ['chain1', 'chain2', 'chain3', `host${random(2)}`];
  chain.slice(1).forEach((target, i) => zone.add(chain[i]!, 'CNAME', target));
  zone.add('dangling', 'CNAME', 'nothing.here');
  zone.add('nodata', 'CNAME', 'er.empty');
  zone.add('ping', 'CNAME', 'pong');
  zone.add('pong', 'CNAME', 'ping');
  zone.add('self', 'CNAME', 'self');
  zone.add('towild', 'CNAME', 'any.wild');
  zone.add('tocut', 'CNAME', 'host.cut1');
  zone.add('tokid', 'CNAME', 'www.kid');
  zone.add('toother', 'CNAME', 'www.other.test.');
  zone.add('toback', 'CNAME', 'back.other.test.');
  zone.add('tonowhere', 'CNAME', 'www.elsewhere.example.');
  zone.add('toapex', 'CNAME', '@');
  zone.add('todname', 'CNAME', 'a.old');
  zone.add('a.tree', 'A', '192.0.2.50');
  zone.add('b.tree', 'CNAME', 'host0');
  zone.add('x.c.tree', 'TXT', '"below an empty non-terminal"');
  zone.add('old', 'DNAME', 'tree');
  zone.add('old', 'TXT', '"beside a DNAME"');
  zone.add('older', 'DNAME', 'old');
  zone.add('away', 'DNAME', 'other.test.');
  zone.add('gone', 'DNAME', 'nothing.example.');
  zone.add('spiral', 'DNAME', 'x.spiral');
  zone.add('intocut', 'DNAME', 'cut1');
  zone.add('long', 'DNAME', `${'l'.repeat(60)}.${'l'.repeat(60)}.${'l'.repeat(60)}.tree`);
}

const CUTS = 6;

function addCuts(zone: ZoneText): void {
  const { random } = zone;
  for (let i = 0; i < CUTS; i++) {
    const owner = i === 5 ? 'cut5.deep.site0' : `cut${i}`;
    const servers = [
      'ns1',
      `ns.${owner}`,
      `ns.cut${(i + 1) % 5}`,
      'ns.other.test.',
      'ns.out.example.',
    ];
    const chosen = servers.filter((_, at) => at === 1 || random(2) === 0);
    zone.add(owner, 'NS', ...chosen);
    zone.add(`ns.${owner}`, 'A', `203.0.113.${i + 1}`);
    if (random(2) === 0) zone.add(`ns.${owner}`, 'AAAA', `2001:db8:1::${i + 1}`);
    if (i % 2 === 0) zone.add(owner, 'DS', `${i + 1} 13 2 ${DIGEST}`);
  }
  // Occluded: data and another cut below a cut.
  zone.add('data.cut1', 'TXT', '"occluded"');
  zone.add('sub.cut1', 'NS', 'ns.sub.cut1');
  zone.add('ns.sub.cut1', 'A', '203.0.113.99');
  zone.add('kid', 'NS', 'ns.kid');
  zone.add('ns.kid', 'A', '192.0.2.77');
  zone.add('kid', 'DS', `77 13 2 ${DIGEST}`);
  // Glue that does not fit into 512 octets (RFC 9471 §3).
  const many = Array.from({ length: 8 }, (_, i) => `a-rather-long-name-of-a-server-${i}.crowd`);
  zone.add('crowd', 'NS', ...many);
  for (const [i, server] of many.entries()) {
    zone.add(server, 'A', `203.0.113.${100 + i}`);
    zone.add(server, 'AAAA', `2001:db8:2::${i + 1}`);
  }
}
